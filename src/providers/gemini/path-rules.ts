import type { PathRule } from '../provider.ts'

const VERSIONS = ['/v1', '/v1beta', '/v1alpha'] as const
/**
 * What Google's clients put after a base URL: a version of their own, or a path without one at its
 * beginning.
 */
const COMPLETE = [...VERSIONS, '/upload', '/download', '/ws'] as const
/** Beginnings of paths of clients that expect the version in the base URL; theirs is `v1beta`. */
const WITHOUT_VERSION = [
  ...['/models', '/tunedModels', '/openai', '/interactions', '/files', '/cachedContents'],
  ...['/batches', '/operations', '/fileSearchStores', '/corpora'],
] as const

/** A base URL with a version, for clients that add one, and without, for clients that add none. */
export const geminiPathRules: readonly PathRule[] = [
  ...VERSIONS.flatMap((version) =>
    COMPLETE.map((path) => ({ from: `${version}${path}` as const, to: path })),
  ),
  ...WITHOUT_VERSION.map((path) => ({ from: path, to: `/v1beta${path}` as const })),
]
