import { resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { CapturedContent } from './captured-content.ts'
import { type ContentCapture, createContentCapture } from './content-capture.ts'

const programDirectory = resolve(import.meta.dirname, '../../dist')
let made: ContentCapture[] = []
afterEach(() => {
  for (const capture of made) capture.close()
  made = []
})

function create(directory: string | null): ContentCapture {
  const capture = createContentCapture({ programDirectory: directory, onFault: () => {} })
  made.push(capture)
  return capture
}

const ask = (capture: ContentCapture, org: string, full: string) =>
  new Promise<CapturedContent | null>((done) => {
    const prompt = {
      preview: full.slice(0, 100),
      full,
      truncated: false,
      chars: full.length,
      hashSha256: 'ab'.repeat(32),
      lastUser: null,
    }
    const attachments = [
      {
        direction: 'request',
        kind: 'image',
        mediaType: 'image/png',
        sha256: 'cd'.repeat(32),
        bytes: 3,
        data: Buffer.from('png'),
      },
    ] as const
    capture.capture(
      {
        call: {
          org,
          recordId: '019b76da-a800-7000-8000-000000000001',
          provider: 'openai',
          model: 'gpt-4o',
          endpoint: '/v1/chat/completions',
        },
        text: {
          prompt,
          completion: null,
          toolCalls: [],
          attachments,
          conversation: { messages: [], toolText: '', truncated: false },
        },
        policy: { redact: true, promptHashMode: 'sha256' },
        secret: Buffer.alloc(32),
      },
      done,
    )
  })

test('a long text is prepared in a thread as a short one is in place', async () => {
  const text = `sk-${'a'.repeat(40)} ${'words '.repeat(100_000)}`
  const [there, here] = [
    await ask(create(programDirectory), 'org_1', text),
    await ask(create(null), 'org_1', text),
  ]
  expect(here?.columns.prompt_preview).toContain('[redacted:openai-key]')
  expect(there).toEqual(here)
})

test('while the longest texts of one organisation are prepared, the event loop and another organisation go on', async () => {
  const capture = create(programDirectory)
  const longest = `sk-${'a'.repeat(16 * 1024 * 1024)}`
  let turns = 0
  const tick = setInterval(() => {
    turns += 1
  }, 5)
  const order: string[] = []
  const all = ['org_a', 'org_a', 'org_a', 'org_a', 'org_b'].map((org) =>
    ask(capture, org, org === 'org_a' ? longest : 'b'.repeat(200_000)).then((content) => {
      expect(content).not.toBeNull()
      order.push(org)
    }),
  )
  await Promise.all(all)
  clearInterval(tick)
  // Two of the others at the most: the one that was under way, and one turn.
  expect(order.indexOf('org_b')).toBeLessThanOrEqual(2)
  expect(turns).toBeGreaterThan(3)
})

test('what cannot be prepared is answered all the same', async () => {
  expect(await ask(create('/nowhere'), 'org_1', 'x'.repeat(200_000))).toBeNull()
})
