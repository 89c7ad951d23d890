import { hkdfSync, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** The secrets of one installation, all derived from its pepper, so that replicas which share it understand each other. */
export interface InstallationSecrets {
  /** Under which Flint keys are hashed. */
  readonly keyPepper: Buffer
  /** Under which the gate signs dynamic metadata. */
  readonly metadataSecret: Buffer
  /** Under which the API signs cursors. */
  readonly cursorSecret: Buffer
}

/** `configured` is the setting keyPepper; without it a random one is made once in `directory` (0600). */
export function installationSecrets(configured: string | undefined, directory: string): InstallationSecrets {
  const pepper = configured === undefined ? storedSecret(directory, 'key-pepper') : Buffer.from(configured)
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', pepper, 'flint', purpose, 32))
  return { keyPepper: derive('flint keys'), metadataSecret: derive('dynamic metadata'), cursorSecret: derive('cursors') }
}

function storedSecret(directory: string, name: string): Buffer {
  const file = path.join(directory, name)
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (!fs.existsSync(file)) {
    // Written aside and linked into place: two first starts at once agree on one secret, and none sees half of it.
    const aside = `${file}.${process.pid}`
    fs.writeFileSync(aside, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    try {
      fs.linkSync(aside, file)
    } catch (error) {
      if (!fs.existsSync(file)) throw error
    } finally {
      fs.unlinkSync(aside)
    }
  }
  return Buffer.from(fs.readFileSync(file, 'utf8').trim())
}
