import type { PathRule } from '../provider.ts'

const VERSIONS = ['/v1', '/v1beta1'] as const

/**
 * A base URL with a version, for clients that add one (Google's), and without, for clients that
 * have it in theirs (Anthropic's).
 */
export const vertexPathRules: readonly PathRule[] = [
  ...VERSIONS.flatMap((version) =>
    [...VERSIONS, '/ws' as const].map((path) => ({ from: `${version}${path}` as const, to: path })),
  ),
  ...(['/projects', '/publishers'] as const).map((path) => ({
    from: path,
    to: `/v1${path}` as const,
  })),
]
