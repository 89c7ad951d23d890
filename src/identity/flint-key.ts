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

/** How every key begins, also one that an operator chose (`initialKey`). */
const BEGINNING = 'flnt_'

export function isFlintKey(text: string): boolean {
  return text.startsWith(BEGINNING)
}

/** True where a text holds a key or a part of one that can be recognised. */
export function holdsFlintKeyBeginning(text: string): boolean {
  return text.includes(BEGINNING)
}

/**
 * Takes `<provider key>.<Flint key>` apart, the form for clients with one place for a key; null
 * where the text is not of that form. The provider key comes first and may contain dots.
 */
export function splitJoinedKey(text: string): { provider: string; flint: string } | null {
  const dot = text.indexOf(`.${BEGINNING}`)
  return dot < 0 ? null : { provider: text.slice(0, dot), flint: text.slice(dot + 1) }
}

/** Hex HMAC-SHA-256. A fast hash is enough: the key is random, not chosen by a person. */
export function hashFlintKey(pepper: Buffer, key: string): string {
  return createHmac('sha256', pepper).update(key).digest('hex')
}

/** What a list of keys may show: prefix and last four characters. */
export function flintKeyHint(key: string): string {
  return `flnt_live_...${key.slice(-4)}`
}
