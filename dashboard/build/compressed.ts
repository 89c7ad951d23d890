import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import type { Plugin } from 'vite'

/** Texts below this are not worth a second file. */
const FROM_BYTES = 512

/** Leaves `.br` and `.gz` beside each file of the build: nothing between it and a browser compresses. */
export function compressed(): Plugin {
  let outDir = ''
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      const files = fs.readdirSync(outDir, { recursive: true, withFileTypes: true })
      for (const file of files) {
        if (!file.isFile()) continue
        const at = path.join(file.parentPath, file.name)
        const bytes = fs.readFileSync(at)
        if (bytes.length < FROM_BYTES) continue
        fs.writeFileSync(`${at}.br`, zlib.brotliCompressSync(bytes))
        fs.writeFileSync(`${at}.gz`, zlib.gzipSync(bytes, { level: 9 }))
      }
    },
  }
}
