import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

/*
 * dependency-cruiser forbids what arrows.json does not allow; here it must allow no more than is
 * used, and READMEs must say the same.
 */

const SRC = import.meta.dirname
const ARROWS: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(path.join(SRC, '../arrows.json'), 'utf8'),
)
/** Any module may import it (.dependency-cruiser.cjs). */
const EVERYWHERE = 'fair'

const modules = readdirSync(SRC, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)

/** Modules under src that the module's own code imports, without tests. */
function importsOf(module: string): string[] {
  const files = readdirSync(path.join(SRC, module), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  )
  const imported = files.flatMap((name) => {
    const file = path.join(SRC, module, name)
    const specifiers = readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g)
    return [...specifiers].map(([, specifier = '']) =>
      path.relative(SRC, path.resolve(path.dirname(file), specifier)).split(path.sep),
    )
  })
  const found = imported.flatMap(([first = '', ...rest]) =>
    rest.length > 0 && first !== '..' ? [first] : [],
  )
  return [...new Set(found)].filter((name) => name !== module && name !== EVERYWHERE).sort()
}

test('arrows.json names every module', () => {
  expect(Object.keys(ARROWS).sort()).toEqual(modules.sort())
})

describe.each(modules)('the arrows of src/%s', (module) => {
  const imports = importsOf(module)

  test('are those that arrows.json allows, no more and no fewer', () => {
    expect([...(ARROWS[module] ?? [])].sort()).toEqual(imports)
  })

  test('are what its README says', () => {
    const line = /^- Imports: ([^.]+)\./m.exec(
      readFileSync(path.join(SRC, module, 'README.md'), 'utf8'),
    )?.[1]
    expect(line?.split(/,\s+/)).toEqual(imports.length === 0 ? ['nothing'] : imports)
  })
})
