import { expect, test } from 'vitest'
import { createUploadTickets } from './upload-ticket.ts'

const ticket = { keyId: 'key_1', keyHint: '...abcd' }

test('an upload ticket says whose upload it is, for a day, to its own installation alone', () => {
  let nowMs = 1_000
  const tickets = createUploadTickets(Buffer.from('a secret'), () => nowMs)
  const text = tickets.issue(ticket)
  expect(text).toMatch(/^[\w.-]+$/)
  expect(tickets.redeem(text)).toEqual(ticket)
  expect(createUploadTickets(Buffer.from('another'), () => nowMs).redeem(text)).toBeNull()
  const [claims = '', mac = ''] = text.split('.')
  const forged = Buffer.from(JSON.stringify(['key_2', null, 9e15])).toString('base64url')
  for (const other of [
    `${forged}.${mac}`,
    claims,
    `${text}.`,
    '',
    '.',
    `${claims}.AAAA`,
    'x'.repeat(5_000),
  ])
    expect(tickets.redeem(other)).toBeNull()
  nowMs += 24 * 3_600_000
  expect(tickets.redeem(text)).toBeNull()
})
