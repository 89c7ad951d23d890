import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PROJECT, runProgram } from './flint.ts'

/** What the program is made of; tests and benches are not. */
const PARTS = ['src', 'envoy', 'proto', 'package.json', 'tsconfig.json', 'rolldown.config.js']

export interface ProgramCopy {
  readonly folder: string
  /** The compiled `flint` command. */
  readonly main: string
  remove(): void
}

/**
 * A copy of the program with one provider more: its folder in src/providers, and its line in the
 * registry with the import. Compiled as the program itself is, with every check of the compiler.
 */
export async function programWithProvider(
  name: string,
  providerFolder: string,
): Promise<ProgramCopy> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-copy-'))
  const isProgram = (file: string) => !file.endsWith('.test.ts')
  for (const part of PARTS)
    fs.cpSync(path.join(PROJECT, part), path.join(folder, part), {
      recursive: true,
      filter: isProgram,
    })
  fs.symlinkSync(
    fs.realpathSync(path.join(PROJECT, 'node_modules')),
    path.join(folder, 'node_modules'),
  )
  fs.cpSync(providerFolder, path.join(folder, 'src/providers', name), { recursive: true })
  addLine(path.join(folder, 'src/providers/registry.ts'), name)
  const run = (program: string, ...args: string[]) =>
    runProgram(process.execPath, [path.join(folder, 'node_modules', program), ...args])
  await run('typescript/bin/tsc', '-p', path.join(folder, 'tsconfig.json'))
  await run('rolldown/bin/cli.mjs', '-c', path.join(folder, 'rolldown.config.js'))
  return {
    folder,
    main: path.join(folder, 'dist/flint/main.js'),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  }
}

/** The one line, as the first of the list, and what it imports. */
function addLine(registry: string, name: string): void {
  const before = fs.readFileSync(registry, 'utf8')
  const list = /(DEFINITIONS: [^\n]*= \{\n)/
  if (!list.test(before))
    throw new Error('registry.ts has no list of definitions where this test looks for it')
  fs.writeFileSync(
    registry,
    `import { ${name} } from './${name}/definition.ts'\n${before.replace(list, `$1  ${name},\n`)}`,
  )
}
