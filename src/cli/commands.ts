import type { Command } from 'commander'
import { addDashboardCommand } from './dashboard.ts'
import { addDeadLetterCommands } from './dead-letters.ts'
import { addEventCommands } from './events.ts'
import { addExportCommand } from './export.ts'
import { addKeyCommands } from './keys.ts'
import { addLossesCommand } from './losses.ts'
import { addManifestCommands } from './manifests.ts'
import { addOrganisationCommands } from './organisations.ts'
import { addPriceCommands } from './prices.ts'
import { addPrintingCommands } from './printing.ts'
import { addReconcileCommand } from './reconcile.ts'
import { addSettingsCommands } from './settings.ts'
import { addSqlCommand } from './sql.ts'

/** The commands that serve nothing, in the order of `flint --help`. */
export function addOtherCommands(program: Command): void {
  addDashboardCommand(program)
  addKeyCommands(program)
  addOrganisationCommands(program)
  addSettingsCommands(program)
  addEventCommands(program)
  addLossesCommand(program)
  addExportCommand(program)
  addDeadLetterCommands(program)
  addReconcileCommand(program)
  addPriceCommands(program)
  addSqlCommand(program)
  addManifestCommands(program)
  addPrintingCommands(program)
}
