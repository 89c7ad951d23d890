import { randomUUID } from 'node:crypto'
import type { ContentStore } from '../content/content-store.ts'
import { type Finding, ok, problem } from './finding.ts'

/** Organisation that no one has: its objects are looked at by nothing else. */
const PREFIX = 'doctor/'
const BODY = Buffer.from('written and removed by npx flint doctor')
const STEPS = ['put', 'get', 'list', 'delete'] as const
const ADVICE = {
  put: 'grant s3:PutObject on the bucket',
  get: 'grant s3:GetObject on the bucket',
  list: 'grant s3:ListBucket on the bucket: retention and erasure look for objects by prefix',
  delete: 'grant s3:DeleteObject on the bucket, or prompts cannot be erased',
} as const satisfies Record<(typeof STEPS)[number], string>

/** Writes, reads, lists and removes an object, and says which of it is not allowed. */
export async function checkContentStore(store: ContentStore, where: string): Promise<Finding> {
  const key = `${PREFIX}${randomUUID()}`
  const steps = {
    put: () => store.put(key, BODY),
    async get() {
      if (!(await store.get(key))?.equals(BODY)) throw new Error('another object came back')
    },
    async list() {
      for await (const listed of store.list(PREFIX)) if (listed === key) return
      throw new Error('it is not listed')
    },
    delete: () => store.delete([key]),
  }
  for (const step of STEPS) {
    try {
      await steps[step]()
    } catch (error) {
      const why = error instanceof Error ? error.name : 'unknown error'
      // Whatever is not allowed of the rest, nothing is left behind.
      if (step === 'get' || step === 'list') await store.delete([key]).catch(() => {})
      return problem('content_store', `${where}: ${step} failed (${why})`, ADVICE[step])
    }
  }
  return ok('content_store', `${where}: objects can be written, read, listed and removed`)
}
