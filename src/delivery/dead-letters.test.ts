import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { createDeadLetters, createLetterCounters, type DeadLetter } from './dead-letters.ts'
import { adoptEarlierLetters } from './earlier-letters.ts'
import { putLettersBack } from './put-letters-back.ts'

let root: string
beforeEach(() => {
  root = temporaryDirectory()
})

const letter = (id: string, org = 'org_1'): DeadLetter => ({
  id: `${id}.report.5`,
  org,
  recordId: id,
  kind: 'report',
  refusedAt: '2026-01-01T00:00:00.000Z',
  reason: 'code 27',
  row: `{"text":"${'x'.repeat(3_000)}"}`,
})
const idsOf = async (letters: ReturnType<typeof createDeadLetters>, org?: string) =>
  (await letters.list(org)).map(({ id }) => id)

test('letters of an organisation take so much of the disk, the oldest go first and are counted, others keep theirs', async () => {
  const counters = createLetterCounters()
  const letters = createDeadLetters(root, { counters, maxBytesPerOrg: 10 * 4_096 })
  await letters.keep(letter('other', 'org_2'), '2026-01-01')
  for (let day = 10; day < 30; day++) await letters.keep(letter(`id-${day}`), `2026-01-${day}`)
  const kept = await idsOf(letters, 'org_1')
  expect(kept.length).toBeLessThanOrEqual(10)
  expect(kept.at(-1)).toBe('id-29.report.5')
  expect(kept.length + counters.lettersDropped).toBe(20)
  expect(await idsOf(letters, 'org_2')).toEqual(['other.report.5'])
  await letters.measure()
  expect(counters).toMatchObject({
    lettersKept: kept.length + 1,
    letterBytes: (kept.length + 1) * 4_096,
  })
})

test('a letter goes with the day of its call, by its organisation’s days', async () => {
  const letters = createDeadLetters(root)
  await letters.keep(letter('old'), '2026-01-01')
  await letters.keep(letter('new'), '2026-01-20')
  await letters.keep(letter('kept', 'org_2'), '2026-01-01')
  await letters.expire((org) => (org === 'org_1' ? 10 : 100), Date.parse('2026-01-25'))
  expect(await idsOf(letters)).toEqual(['new.report.5', 'kept.report.5'])
})

test('files are their owner’s alone, and a letter that is kept twice is there once', async () => {
  const letters = createDeadLetters(root)
  for (let time = 0; time < 2; time++) await letters.keep(letter('a'), '2026-01-01')
  const [place] = await letters.list()
  expect(place && (await letters.read(place))).toEqual(letter('a'))
  const file = path.join(root, 'org_1', '2026-01-01', 'a.report.5.json')
  expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
})

test.each([
  ['cut short', '{"id":"a.report.5","org":"org_1"'],
  ['without its row', '{"id":"a.report.5","org":"org_1"}'],
])('a letter %s is not read, and stays when letters are put back', async (_, damaged) => {
  const letters = createDeadLetters(path.join(root, 'letters'))
  for (const id of ['a', 'b']) await letters.keep(letter(id), '2026-01-01')
  const file = path.join(root, 'letters', 'org_1', '2026-01-01', 'a.report.5.json')
  fs.writeFileSync(file, damaged)
  const places = await letters.list()
  expect(places[0] && (await letters.read(places[0]))).toBeNull()
  expect(await putLettersBack(letters, places, path.join(root, 'spool'))).toBe(1)
  expect(await idsOf(letters)).toEqual(['a.report.5'])
})

test('what earlier builds left in one file goes into quarantine, by organisation', () => {
  const rows = ['{"org":"org_1","a":1}', '{"org":"org_2","a":2}', 'no row']
  const lines = rows.map(
    (row) => `${JSON.stringify({ buriedAt: 'then', reason: 'code 27', row })}\n`,
  )
  fs.writeFileSync(path.join(root, 'evidence.ndjson'), lines.join(''))
  const taken: Array<[string, string]> = []
  const quarantine = {
    add: (org: string, of: readonly Buffer[]) =>
      void taken.push([org, Buffer.concat([...of]).toString()]),
  }
  adoptEarlierLetters(root, quarantine)
  adoptEarlierLetters(root, quarantine)
  expect(taken).toEqual([
    ['org_1', `${rows[0]}\n`],
    ['org_2', `${rows[1]}\n`],
    ['unknown', `${rows[2]}\n`],
  ])
})
