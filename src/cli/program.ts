import { Command } from 'commander'
import { packageVersion } from '../config/package-version.ts'
import { growYoungGenerationWithLoad } from '../process/young-generation.ts'
import { addEnvoyCommands } from './envoy.ts'
import { addRoleCommands } from './roles.ts'
import { addUpCommand } from './up.ts'

/**
 * Commands that serve are always there. The others are loaded only where they may be meant: the
 * price book and what else they need would rest in every process that serves.
 */
const SERVING: readonly (string | undefined)[] = ['up', 'gate', 'observer', 'delivery', 'api']

/** `mainFile`: the program that `flint up` starts its parts with. */
export async function createProgram(mainFile: string): Promise<Command> {
  const program = new Command('npx flint')
    .description('The audit log for every AI call that passes Envoy.')
    .version(packageVersion())
    // `--json` behind `sql users list` is an option of `list`, though `sql` has one of that name.
    .enablePositionalOptions()
  addUpCommand(program, mainFile)
  addRoleCommands(program)
  addEnvoyCommands(program)
  if (!SERVING.includes(process.argv[2])) {
    // These end soon, or go through millions of records.
    growYoungGenerationWithLoad()
    const { addOtherCommands } = await import('./commands.ts')
    await addOtherCommands(program, process.argv[2])
  }
  return program
}
