import { hkdfSync, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { ConfigError } from '../config/config-error.ts'

const SECRET_BYTES = 32

/**
 * The secrets of one installation, all derived from its pepper, so that replicas which share it
 * understand each other.
 */
export interface InstallationSecrets {
  /** Under which Flint keys are hashed. */
  readonly keyPepper: Buffer
  /**
   * Under which keys of before the last change of the pepper are hashed; null where there was none.
   */
  readonly previousKeyPepper: Buffer | null
  /** Under which the gate signs dynamic metadata. */
  readonly metadataSecret: Buffer
  /** What replicas that still run with the pepper before sign with; null where there was none. */
  readonly previousMetadataSecret: Buffer | null
  /** Under which the API signs cursors. */
  readonly cursorSecret: Buffer
  /** Under which the API signs what a browser keeps while its user is at the identity provider. */
  readonly signInStateSecret: Buffer
  /** Under which tokens of sessions and of links to sign in are hashed. */
  readonly sessionSecret: Buffer
  /** Under which prompts are hashed in mode `hmac`. */
  readonly promptHashSecret: Buffer
  /**
   * By which installations with different peppers differ: 32 bits of a derived secret that nothing
   * uses.
   */
  readonly pepperFingerprint: string
}

/**
 * `configured` is the setting keyPepper; without it a random one is made once in `directory`
 * (0600). `previous` is the setting previousKeyPepper, while the pepper is being changed.
 */
export function installationSecrets(
  configured: string | undefined,
  directory: string,
  previous?: string,
): InstallationSecrets {
  const pepper =
    configured === undefined
      ? storedSecret(directory, 'key-pepper')
      : ownSecret(configured, 'keyPepper')
  const before = previous === undefined ? null : ownSecret(previous, 'previousKeyPepper')
  const derive = (from: Buffer, purpose: string) =>
    Buffer.from(hkdfSync('sha256', from, 'flint', purpose, 32))
  return {
    keyPepper: derive(pepper, 'flint keys'),
    previousKeyPepper: before && derive(before, 'flint keys'),
    metadataSecret: derive(pepper, 'dynamic metadata'),
    previousMetadataSecret: before && derive(before, 'dynamic metadata'),
    cursorSecret: derive(pepper, 'cursors'),
    signInStateSecret: derive(pepper, 'sign-in state'),
    sessionSecret: derive(pepper, 'sessions'),
    promptHashSecret: derive(pepper, 'prompt hashes'),
    pepperFingerprint: derive(pepper, 'fingerprint').toString('hex', 0, 4),
  }
}

/**
 * Fewer different characters are a dictionary entry or one key held down: anyone with a key of
 * their own could find it by trying.
 */
const MIN_DIFFERENT_CHARACTERS = 10

function ownSecret(text: string, setting: string): Buffer {
  if (new Set(text).size < MIN_DIFFERENT_CHARACTERS)
    throw new ConfigError(
      `${setting} is too easily guessed: use a random text, such as \`openssl rand -hex 32\` prints`,
      setting,
    )
  return Buffer.from(text)
}

function storedSecret(directory: string, name: string): Buffer {
  const file = path.join(directory, name)
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (!fs.existsSync(file)) {
    // Written to a temporary file and linked into place: two first starts at once agree on one
    // secret, and none sees half of it. A random name, because in containers every process is
    // number 1 and a start that died would be in the way of the next.
    const temporary = `${file}.${randomBytes(6).toString('hex')}`
    try {
      // Flushed: a pepper lost with the power is the end of every key made under it.
      fs.writeFileSync(temporary, `${randomBytes(SECRET_BYTES).toString('hex')}\n`, {
        mode: 0o600,
        flag: 'wx',
        flush: true,
      })
      fs.linkSync(temporary, file)
    } catch (error) {
      if (!fs.existsSync(file)) throw error
    } finally {
      fs.rmSync(temporary, { force: true })
    }
  }
  const text = fs.readFileSync(file, 'utf8').trim()
  // A secret everybody knows is worse than none: an emptied file must not become one.
  if (text.length < SECRET_BYTES * 2)
    throw new ConfigError(
      `${file} is damaged: restore it, or set keyPepper (FLINT_KEY_PEPPER)`,
      'keyPepper',
    )
  return Buffer.from(text)
}
