import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../src/store/embedded/free-port.ts'

/** The package has no types; this is what is used of it. */
interface Server {
  run(): Promise<unknown>
  close(): Promise<void>
}
const S3rver: new (options: Readonly<Record<string, unknown>>) => Server = createRequire(
  import.meta.url,
)('@20minutes/s3rver')

export interface S3Server {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Where its objects lie on disk. */
  readonly directory: string
  stop(): Promise<void>
}

export interface StartS3Server {
  /** To come back on the same port with the same objects. */
  readonly port?: number
  readonly directory?: string
}

/** A real S3 server in a folder of its own; `stop` keeps the folder where the caller named it. */
export async function startS3Server({ port, directory }: StartS3Server = {}): Promise<S3Server> {
  const folder = directory ?? fs.mkdtempSync(path.join(os.tmpdir(), 'flint-s3-'))
  const chosen = port ?? (await freePort())
  const server = new S3rver({
    port: chosen,
    address: '127.0.0.1',
    silent: true,
    // It signs the path of a bucket without the slash that the SDK sends, and would refuse every
    // list; keys it checks all the same.
    allowMismatchedSignatures: true,
    directory: folder,
    configureBuckets: [{ name: 'prompts', configs: [] }],
  })
  await server.run()
  return {
    endpoint: `http://127.0.0.1:${chosen}`,
    bucket: 'prompts',
    region: 'us-east-1',
    // The pair that this server knows.
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    directory: folder,
    async stop() {
      await server.close()
      if (directory === undefined) fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}
