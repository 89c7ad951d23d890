import { expect, test } from 'vitest'
import { replicatedEngine } from './table-definitions.ts'

test.each([
  ['MergeTree ORDER BY (org, at)', `ReplicatedMergeTree(PATH, '{replica}') ORDER BY (org, at)`],
  [
    'ReplacingMergeTree(version) PARTITION BY toYYYYMM(created_at) ORDER BY (org, id) SETTINGS a = 1',
    `ReplicatedReplacingMergeTree(PATH, '{replica}', version) PARTITION BY toYYYYMM(created_at) ORDER BY (org, id) SETTINGS a = 1`,
  ],
  ['ReplacingMergeTree ORDER BY id', `ReplicatedReplacingMergeTree(PATH, '{replica}') ORDER BY id`],
])('%s is replicated under its own path, all else as it is', (engine, expected) => {
  const path = `'/clickhouse/tables/{shard}/flint_shard/evidence'`
  expect(replicatedEngine(engine, 'flint_shard', 'evidence')).toBe(expected.replace('PATH', path))
})
