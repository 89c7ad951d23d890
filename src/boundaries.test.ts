import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync } from '@swc/core'
import { expect, test } from 'vitest'

/*
 * Where code is called by a timer, a thread, a stream or the disk, no one catches what it throws:
 * one call's fault would end the process, and with it everybody's copies. This is the list of all
 * such places in the modules that observations, reports and their delivery pass through, and of
 * what holds each. A new place fails the test until it is looked at and written down here.
 */
interface Boundary {
  /** How many such places the file has. */
  readonly places: number
  readonly heldBy: string
}

const BOUNDARIES: Readonly<Record<string, Boundary>> = {
  'src/api/report/routes.ts': {
    places: 7,
    heldBy:
      'each only counts, resumes or destroys; what the body is worth is said by the route (body-budget.test.ts)',
  },
  'src/delivery/delivery.ts': {
    places: 4,
    heldBy:
      'timers and aborts that settle a promise; a round that fails is counted and tried again (delivery.test.ts)',
  },
  'src/extproc/grpc-server.ts': {
    places: 10,
    heldBy:
      'closing what is closed does nothing; messages and closes within try: the stream fails, the process lives (grpc-server in gate.integration.test.ts)',
  },
  'src/extproc/grpc-listener.ts': {
    places: 5,
    heldBy: 'ends sessions of a stop, and settles its promise',
  },
  'src/extproc/loop-lag.ts': { places: 1, heldBy: 'reads a clock' },
  'src/extproc/memory-watch.ts': { places: 1, heldBy: 'reads a number of the process' },
  'src/extproc/observer.ts': {
    places: 2,
    heldBy: 'Observation guards its own entries (observation-faults.test.ts)',
  },
  'src/extproc/port-for-proxies.ts': {
    places: 1,
    heldBy: 'its own guard: certificates that cannot be read leave those before in force',
  },
  'src/fair/fair-worker.ts': {
    places: 5,
    heldBy:
      'answers go to callers that guard themselves: Observation, its writer, a promise (fair-worker users)',
  },
  'src/providers/body/inflating.ts': {
    places: 3,
    heldBy: 'BodyDecoding: a fault ends the reading of its body (observation-faults.test.ts, gzip)',
  },
  'src/providers/socket/socket-messages.ts': {
    places: 2,
    heldBy: 'its own guard: a fault ends the reading of its direction (socket.test.ts)',
  },
  'src/spool/disk-reserve.ts': { places: 2, heldBy: 'remembers whether space is set aside' },
  'src/spool/segment-spool.ts': {
    places: 5,
    heldBy: 'its own guard, and each waiting row is told by itself (segment-spool.test.ts)',
  },
}
const MODULES =
  /^src\/(?:api\/report|content|delivery|evidence|extproc|fair|pricing|providers|spool)\//
const CALLED_LATER = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']
const LISTENS = ['on', 'once', 'addListener', 'addEventListener']
const root = path.resolve(import.meta.dirname, '..')

test('every place that is called where no one catches is known, and held', () => {
  const found = Object.fromEntries(
    sources()
      .map((file) => [file, placesIn(file)] as const)
      .filter(([, places]) => places > 0),
  )
  expect(found).toEqual(
    Object.fromEntries(Object.entries(BOUNDARIES).map(([file, { places }]) => [file, places])),
  )
})

function sources(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'src'],
    { cwd: root, encoding: 'utf8' },
  )
  return listed
    .split('\n')
    .filter(
      (file) =>
        MODULES.test(file) &&
        file.endsWith('.ts') &&
        !file.endsWith('.test.ts') &&
        !file.includes('/fixtures/'),
    )
}

function placesIn(file: string): number {
  let places = 0
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (isPlace(node)) places += 1
    for (const child of Object.values(node)) visit(child)
  }
  visit(
    parseSync(readFileSync(path.join(root, file), 'utf8'), {
      syntax: 'typescript',
      target: 'es2022',
    }),
  )
  return places
}

/** A timer, a listener, a callback of the disk, or a promise that no one waits for. */
function isPlace(node: object): boolean {
  const text = (value: unknown, ...names: readonly string[]): unknown =>
    names.reduce<unknown>(
      (of, name) =>
        typeof of === 'object' && of !== null
          ? Object.entries(of).find(([key]) => key === name)?.[1]
          : undefined,
      value,
    )
  if (text(node, 'type') === 'UnaryExpression') return text(node, 'operator') === 'void'
  if (text(node, 'type') !== 'CallExpression') return false
  if (text(node, 'callee', 'type') === 'Identifier')
    return CALLED_LATER.includes(String(text(node, 'callee', 'value')))
  const method = String(text(node, 'callee', 'property', 'value'))
  if (LISTENS.includes(method)) return true
  const inner = text(node, 'arguments')
  const hasCallback =
    Array.isArray(inner) &&
    inner.some((argument) => /Function/.test(String(text(argument, 'expression', 'type'))))
  return text(node, 'callee', 'object', 'value') === 'fs' && hasCallback
}
