import { uuidv7 } from 'uuidv7'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { ViewRow } from '../store/identity/identity-rows.ts'

/** Views that one key may keep, its shared ones among them, and shared ones of an organisation. */
export const VIEW_LIMITS = { own: 100, shared: 200 } as const

/** Who asks. Of shared views that others keep, an administrator may change and delete them too. */
interface ViewUser {
  readonly org: string
  /** Id of the key. */
  readonly actor: string
  readonly isAdmin: boolean
}

/** What may be changed of a view. */
type ViewContent = Pick<ViewRow, 'name' | 'query' | 'shared'>

/** `not_found`: there is none that the user may see. `not_yours`: seen, but not to be changed. */
type ViewRefusal = 'not_found' | 'not_yours'

/** Saved views where they are stored. Each change is an event. */
export interface ViewAdmin {
  /** The user's own and those that others share, by name. */
  list(user: ViewUser): Promise<readonly ViewRow[]>
  /** `too_many`: VIEW_LIMITS are reached. */
  create(user: ViewUser, content: ViewContent): Promise<ViewRow | 'too_many'>
  change(
    user: ViewUser,
    id: string,
    change: Partial<ViewContent>,
  ): Promise<ViewRow | ViewRefusal | 'too_many'>
  delete(user: ViewUser, id: string): Promise<ViewRow | ViewRefusal>
}

export function createViewAdmin({
  log,
  nowMs = Date.now,
}: {
  readonly log: Pick<IdentityLog, 'append' | 'listViews'>
  readonly nowMs?: () => number
}): ViewAdmin {
  const now = () => new Date(nowMs()).toISOString()
  const kept = async (org: string) =>
    (await log.listViews(org)).filter(({ deletedAt }) => deletedAt === null)

  const findChangeable = (
    views: readonly ViewRow[],
    { actor, isAdmin }: ViewUser,
    id: string,
  ): ViewRow | ViewRefusal => {
    const view = views.find((candidate) => candidate.id === id)
    if (view === undefined || !isVisible(view, actor)) return 'not_found'
    return view.owner === actor || isAdmin ? view : 'not_yours'
  }

  const append = async (actor: string, before: ViewRow | null, state: ViewRow) => {
    await log.append([
      {
        subjectKind: 'view',
        org: state.org,
        actor,
        action: 'view.changed',
        subject: state.id,
        reason: null,
        old: before === null ? null : contentOf(before),
        new: state.deletedAt === null ? contentOf(state) : null,
        state,
      },
    ])
    return state
  }

  return {
    list: async ({ org, actor }) => (await kept(org)).filter((view) => isVisible(view, actor)),

    async create({ org, actor }, content) {
      const createdAt = now()
      const view: ViewRow = {
        ...{ org, id: uuidv7(), owner: actor, ...content },
        ...{ createdAt, changedAt: createdAt, deletedAt: null },
      }
      if (isTooMany(await kept(org), view)) return 'too_many'
      return append(actor, null, view)
    },

    async change(user, id, change) {
      const views = await kept(user.org)
      const before = findChangeable(views, user, id)
      if (typeof before === 'string') return before
      const after = { ...before, ...change }
      if (JSON.stringify(contentOf(after)) === JSON.stringify(contentOf(before))) return before
      const others = views.filter((view) => view !== before)
      if (after.shared && !before.shared && isTooMany(others, after)) return 'too_many'
      return append(user.actor, before, { ...after, changedAt: now() })
    },

    async delete(user, id) {
      const before = findChangeable(await kept(user.org), user, id)
      if (typeof before === 'string') return before
      return append(user.actor, before, { ...before, deletedAt: now() })
    },
  }
}

function isVisible({ shared, owner }: ViewRow, actor: string): boolean {
  return shared || owner === actor
}

function isTooMany(others: readonly ViewRow[], view: ViewRow): boolean {
  const own = others.filter(({ owner }) => owner === view.owner).length
  const shared = others.filter((other) => other.shared).length
  return own >= VIEW_LIMITS.own || (view.shared && shared >= VIEW_LIMITS.shared)
}

function contentOf({ name, query, shared }: ViewRow): ViewContent {
  return { name, query, shared }
}
