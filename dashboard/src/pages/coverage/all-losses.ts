import type { Losses } from '../../api/answers.ts'

export type Loss = Losses['losses'][number]

const PAGE = 1_000

/**
 * Every lost call of a range, newest first, read a page after the other: calls of the same
 * millisecond may come twice, and are kept once.
 */
export async function allLosses(
  range: { readonly from: string; readonly to: string },
  read: (query: Record<string, string>) => Promise<Losses>,
): Promise<readonly Loss[]> {
  const found = new Map<string, Loss>()
  let { to } = range
  for (;;) {
    const { losses } = await read({ from: range.from, to, limit: String(PAGE) })
    const before = found.size
    for (const loss of losses) found.set(loss.requestId, loss)
    const last = losses.at(-1)
    if (last === undefined || losses.length < PAGE || found.size === before)
      return [...found.values()]
    to = new Date(Date.parse(last.createdAt) + 1).toISOString()
  }
}
