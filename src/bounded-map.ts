/** A map of at most `maxEntries`: a new key displaces the one that was added first. */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    super()
    this.#maxEntries = maxEntries
  }

  override set(key: K, value: V): this {
    if (this.size >= this.#maxEntries && !this.has(key))
      for (const eldest of this.keys()) if (this.delete(eldest)) break
    return super.set(key, value)
  }
}
