import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'vite'
import { ICONS } from '../src/parts/icon-names.ts'

const FILE = 'icons.svg'

/** One file of the icons that the page uses, out of lucide-static: a `<symbol>` for each. */
export function iconSprite(): Plugin {
  return {
    name: 'icon-sprite',
    configureServer(server) {
      server.middlewares.use(`/ui/${FILE}`, (_request, response) => {
        response.setHeader('content-type', 'image/svg+xml')
        response.end(sprite())
      })
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: FILE, source: sprite() })
    },
  }
}

function sprite(): string {
  const folder = path.dirname(
    createRequire(import.meta.url).resolve('lucide-static/icons/search.svg'),
  )
  const symbols = ICONS.map((name) => {
    const svg = fs.readFileSync(path.join(folder, `${name}.svg`), 'utf8')
    const shapes = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1]
    if (shapes === undefined) throw new Error(`lucide-static: ${name}.svg holds no svg element`)
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.trim().replace(/\s+/g, ' ')}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`
}
