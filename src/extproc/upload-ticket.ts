import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

/** Query parameter of an upload address that Flint gave out. */
export const TICKET_PARAMETER = 'flint_upload'

/** Whose upload it is, as the gate knew it at the first step. */
interface UploadTicket {
  readonly keyId: string
  readonly keyHint: string | null
}

export interface UploadTickets {
  issue(ticket: UploadTicket): string
  /** null when the text is not ours or its time is over. */
  redeem(text: string): UploadTicket | null
}

const LIFETIME_MS = 24 * 3_600_000
const MAX_CHARACTERS = 1_024

/**
 * Gemini's resumable uploads go on at an address that the first answer names, and the Python SDK
 * sends no key there: the address is the credential. Flint's own address carries a ticket in place
 * of the Flint key, sealed, for a day, and good for `/upload/` alone. It holds no key
 * (docs/decisions/027).
 *
 * @param secret shared by all gates of one installation
 */
export function createUploadTickets(secret: Buffer, nowMs: () => number = Date.now): UploadTickets {
  const key = createSecretKey(secret)
  const macOf = (claims: string) =>
    createHmac('sha256', key).update(`upload ticket\n${claims}`).digest()
  return {
    issue({ keyId, keyHint }) {
      const claims = Buffer.from(JSON.stringify([keyId, keyHint, nowMs() + LIFETIME_MS])).toString(
        'base64url',
      )
      return `${claims}.${macOf(claims).toString('base64url')}`
    },
    redeem(text) {
      const [claims, mac, ...more] = text.length > MAX_CHARACTERS ? [] : text.split('.')
      if (claims === undefined || mac === undefined || more.length > 0) return null
      const given = Buffer.from(mac, 'base64url')
      const expected = macOf(claims)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
      const [keyId, keyHint, untilMs] = JSON.parse(Buffer.from(claims, 'base64url').toString()) as [
        string,
        string | null,
        number,
      ]
      return untilMs > nowMs() ? { keyId, keyHint } : null
    },
  }
}
