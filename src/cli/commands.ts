import type { Command } from 'commander'

type Add = (program: Command) => void

/**
 * The commands that serve nothing, in the order of `flint --help`: the names that each file adds,
 * and the file. What one of them needs (the price book, a client of S3) costs the others as much
 * time as all else that they do.
 */
const COMMANDS: ReadonlyArray<readonly [names: readonly string[], load: () => Promise<Add>]> = [
  [['dashboard'], async () => (await import('./dashboard.ts')).addDashboardCommand],
  [['keys'], async () => (await import('./keys.ts')).addKeyCommands],
  [['orgs'], async () => (await import('./organisations.ts')).addOrganisationCommands],
  [['mesh'], async () => (await import('./mesh.ts')).addMeshCommands],
  [['settings'], async () => (await import('./settings.ts')).addSettingsCommands],
  [['holds'], async () => (await import('./holds.ts')).addHoldCommands],
  [['events'], async () => (await import('./events.ts')).addEventCommands],
  [['losses'], async () => (await import('./losses.ts')).addLossesCommand],
  [['export'], async () => (await import('./export.ts')).addExportCommand],
  [['dead-letters'], async () => (await import('./dead-letters.ts')).addDeadLetterCommands],
  [['doctor'], async () => (await import('./doctor.ts')).addDoctorCommand],
  [['reconcile'], async () => (await import('./reconcile.ts')).addReconcileCommand],
  [['prices', 'reprice'], async () => (await import('./prices.ts')).addPriceCommands],
  [['manifests'], async () => (await import('./manifests.ts')).addManifestCommands],
  [['sql'], async () => (await import('./sql.ts')).addSqlCommand],
  [
    ['openapi', 'config', 'metrics'],
    async () => (await import('./printing.ts')).addPrintingCommands,
  ],
]

/**
 * The file of the command that was `typed`; all of them where it names no file here: for the help.
 */
export async function addOtherCommands(program: Command, typed: string | undefined): Promise<void> {
  const meant = COMMANDS.filter(([names]) => typed !== undefined && names.includes(typed))
  for (const [, load] of meant.length > 0 ? meant : COMMANDS) {
    const add = await load()
    add(program)
  }
}
