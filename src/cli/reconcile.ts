import { createHash } from 'node:crypto'
import fs from 'node:fs'
import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { UNATTRIBUTED } from '../delivery/envoy-log.ts'
import { type Reconciliation, reconcile } from '../delivery/reconcile.ts'
import type { AccessLogEvidence } from '../evidence/evidence.ts'
import { createMetadataSeal } from '../extproc/call-metadata.ts'
import { addEvidence } from '../store/calls/add-evidence.ts'
import { createKnownCalls, type KnownEnd } from '../store/evidence/known-calls.ts'
import { textTable } from '../text-table.ts'
import { say, withRunning } from './running-flint.ts'

/** `flint reconcile`: Envoy's own logs against the records, for the operator. */
export function addReconcileCommand(program: Command): void {
  program
    .command('reconcile')
    .description(
      "compare Envoy's JSON access logs with the records, and make evidence of what is missing",
    )
    .argument('<files...>', 'logs of one Envoy or several, in any order, rotated parts and .gz too')
    .option('--dry-run', 'only say what was found')
    .option('--json', 'for programs')
    .action((files: string[], { dryRun, json }: { dryRun?: boolean; json?: boolean }) => {
      for (const file of files)
        if (!isReadable(file)) throw new ConfigError(`${file} cannot be read`, 'files')
      return withRunning(async ({ secrets, instance }, store) => {
        const seal = createMetadataSeal(secrets.metadataSecret)
        const insert = async (rows: readonly AccessLogEvidence[]) => {
          const token = createHash('sha256').update(JSON.stringify(rows)).digest('hex')
          await addEvidence(store, rows, token.slice(0, 32))
        }
        const found = await reconcile({
          files,
          known: createKnownCalls(store),
          isSealedByGate: (fields) => seal.open(fields) !== null,
          writer: `${instance}/reconcile`,
          insert: dryRun ? async () => {} : insert,
        })
        say(
          json
            ? JSON.stringify({ ...found, refused: Object.fromEntries(found.refused) })
            : asText(found),
        )
      })
    })
}

function isReadable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.R_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

function asText(found: Reconciliation): string {
  const rows: Array<readonly [string, number]> = [
    ['matched', found.matched],
    ['erased', found.erased],
    ["only in Envoy's log (evidence now)", found.onlyInLog],
    [`- of these, without a gate's word (organisation ${UNATTRIBUTED})`, found.withoutRecord],
    ["end only in Envoy's log (evidence now)", found.endOnlyInLog],
    ['status or bytes differ', found.differing],
    ['only in Flint', found.onlyInFlint],
    ...[...found.refused].map(
      ([why, calls]) => [`not forwarded, no record: ${why}`, calls] as const,
    ),
    ["metadata of no gate's making", found.forged],
    ['lines', found.lines],
    ['- repeated', found.repeatedLines],
    ['- unreadable', found.unreadableLines],
    ['- broken off at the end of a file', found.truncatedLines],
  ]
  const end = ({ status, requestBytes, responseBytes }: KnownEnd) =>
    `${status ?? '-'}, ${requestBytes} / ${responseBytes} bytes`
  const { onlyInLog, onlyInFlint, differing } = found.named
  const named = [
    ...onlyInLog.map(({ org, requestId }) => [requestId, org, "only in Envoy's log", '', '']),
    ...onlyInFlint.map(({ org, requestId }) => [requestId, org, 'only in Flint', '', '']),
    ...differing.map(({ org, requestId, flint, envoy }) => [
      requestId,
      org,
      'differs',
      end(flint),
      end(envoy),
    ]),
  ]
  return [
    textTable(
      ['calls', 'count'],
      rows.map(([what, count]) => [what, String(count)]),
    ),
    ...(named.length > 0
      ? [textTable(['record', 'organisation', 'finding', 'Flint', 'Envoy'], named)]
      : []),
  ].join('\n')
}
