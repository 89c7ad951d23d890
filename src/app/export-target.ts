import fs from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ConfigError } from '../config/config-error.ts'
import { uploadToS3 } from '../content/s3-upload.ts'
import type { Installation } from '../installation.ts'

/** Where an export goes. */
export interface ExportTarget {
  /** The file is there under its name, whole, when this resolves; and not at all where it rejects. */
  write(body: AsyncIterable<Buffer>, contentType: string): Promise<void>
}

/**
 * A path, or `s3://bucket/key` with the endpoint and credentials of the setting `s3`; throws
 * ConfigError where it is neither.
 */
export function exportTarget(
  { config }: Pick<Installation, 'config'>,
  output: string,
): ExportTarget {
  if (!output.startsWith('s3://')) return fileTarget(output)
  const [, bucket, key] = /^s3:\/\/([^/]{1,255})\/(.{1,1024})$/.exec(output) ?? []
  if (bucket === undefined || key === undefined)
    throw new ConfigError(`"${output}" is not s3://bucket/key`, 'output')
  return {
    write: (body, contentType) => uploadToS3({ ...config.s3, bucket }, { key, contentType, body }),
  }
}

function fileTarget(file: string): ExportTarget {
  const temporary = `${file}.${process.pid}.part`
  return {
    async write(body) {
      try {
        // Its owner's alone: it may hold prompts.
        await pipeline(body, fs.createWriteStream(temporary, { mode: 0o600, flush: true }))
        fs.renameSync(temporary, file)
      } catch (error) {
        fs.rmSync(temporary, { force: true })
        throw error
      }
    },
  }
}
