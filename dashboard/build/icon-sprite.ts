import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'vite'
import { ICONS } from '../src/parts/icon-names.ts'

/**
 * The icons that the page uses, out of lucide-static, as a `<symbol>` each in `index.html`: a file of
 * their own would be one more that the first screen waits for.
 */
export function iconSprite(): Plugin {
  return {
    name: 'icon-sprite',
    transformIndexHtml: (html) => html.replace('</body>', () => `  ${sprite()}\n  </body>`),
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
    return `<symbol id="icon-${name}" viewBox="0 0 24 24">${shapes.trim().replace(/\s+/g, ' ')}</symbol>`
  })
  return `<div hidden><svg>${symbols.join('')}</svg></div>`
}
