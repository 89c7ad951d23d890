import fs from 'node:fs'

/**
 * Disk space reserved as a file of zeros, and given up when the disk is full, so that intents
 * outlive everything else.
 */
export class DiskReserve {
  readonly #directory: string
  readonly #file: string
  readonly #bytes: number
  readonly #onChange: (held: boolean) => void
  #held = false
  #reserving = false

  /**
   * Reserves the space at once; on a full disk there is none, and the first refused row will say
   * so.
   */
  constructor(directory: string, file: string, bytes: number, onChange: (held: boolean) => void) {
    this.#directory = directory
    this.#file = file
    this.#bytes = bytes
    this.#onChange = onChange
    if (bytes === 0) return
    try {
      fs.writeFileSync(file, Buffer.alloc(bytes), { mode: 0o600 })
      this.#hold(true)
    } catch {
      fs.rmSync(file, { force: true })
    }
  }

  /** True when there was space to give up. */
  release(): boolean {
    if (!this.#held) return false
    this.#hold(false)
    fs.rmSync(this.#file, { force: true })
    return true
  }

  /**
   * Once the disk has free space again, twice over: else the next row would take it right back.
   * Done in the background.
   */
  reserveAgain(): void {
    if (this.#bytes === 0 || this.#held || this.#reserving) return
    this.#reserving = true
    const enough = (disk: fs.StatsFs) => disk.bavail * disk.bsize >= 2 * this.#bytes
    const end = (error: Error | null) => {
      this.#reserving = false
      this.#hold(error === null)
      if (error) fs.rm(this.#file, { force: true }, () => {})
    }
    fs.statfs(this.#directory, (error, disk) => {
      if (error || !enough(disk)) this.#reserving = false
      else fs.writeFile(this.#file, Buffer.alloc(this.#bytes), { mode: 0o600 }, end)
    })
  }

  #hold(held: boolean): void {
    this.#held = held
    this.#onChange(held)
  }
}
