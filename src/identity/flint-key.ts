import { createHmac, randomInt } from 'node:crypto'

/** Flint keys: made once, shown once, kept only as an HMAC under the installation's pepper. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 43 characters of 62 are 256 bits. */
const RANDOM_CHARACTERS = 43

export function makeFlintKey(): string {
  let random = ''
  for (let i = 0; i < RANDOM_CHARACTERS; i++) random += ALPHABET[randomInt(ALPHABET.length)]
  return `flnt_live_${random}`
}

const WHOLE_KEY = /flnt_live_[0-9A-Za-z]{43}(?![0-9A-Za-z])/

/**
 * True where a text holds a whole key as `makeFlintKey` makes it; what merely begins like one is
 * none.
 */
export function holdsFlintKey(text: string): boolean {
  return text.includes('flnt_live_') && WHOLE_KEY.test(text)
}

/** Hex HMAC-SHA-256. A fast hash is enough: the key is random, not chosen by a person. */
export function hashFlintKey(pepper: Buffer, key: string): string {
  return createHmac('sha256', pepper).update(key).digest('hex')
}

/** What a list of keys may show: prefix and last four characters. */
export function flintKeyHint(key: string): string {
  return `flnt_live_...${key.slice(-4)}`
}
