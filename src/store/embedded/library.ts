import { createRequire } from 'node:module'
import { glibcVersion } from '../../config/glibc.ts'

const require = createRequire(import.meta.url)

/** The engine cannot run here; the message says what to do instead. */
export class EmbeddedUnavailableError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(
      `The embedded ClickHouse is not available: ${why} Set FLINT_CLICKHOUSE_URL to a ClickHouse server instead.`,
      options,
    )
    this.name = 'EmbeddedUnavailableError'
  }
}

interface Platform {
  readonly platform: string
  readonly arch: string
  /** Empty on musl (Alpine), where the library cannot be loaded. */
  readonly glibc: string | undefined
}

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@chdb/lib-linux-x64-gnu',
}

/**
 * Path of libchdb.so of this platform's optional package; throws `EmbeddedUnavailableError` where
 * there is none.
 */
export function findEmbeddedLibrary(
  { platform, arch, glibc }: Platform = thisPlatform(),
  resolve: (id: string) => string = require.resolve,
): string {
  const name = PACKAGES[`${platform}-${arch}`]
  if (name === undefined)
    throw new EmbeddedUnavailableError(`there is no engine for ${platform} on ${arch}.`)
  if (platform === 'linux' && glibc === undefined)
    throw new EmbeddedUnavailableError('the engine needs glibc, this system has another C library.')
  try {
    return resolve(`${name}/libchdb.so`)
  } catch (cause) {
    throw new EmbeddedUnavailableError(`the optional package ${name} is not installed.`, { cause })
  }
}

function thisPlatform(): Platform {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() }
}
