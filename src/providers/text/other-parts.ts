const MAX_PARTS = 256

/**
 * Parts of an answer that are neither text nor calls: that they were there, and what the provider
 * calls them. One at each place.
 */
export class OtherParts {
  readonly #names = new Map<number, string>()

  /** `order` as of the texts and calls beside them. */
  add(order: number, name: string | null): void {
    if (name === null || this.#names.has(order) || this.#names.size === MAX_PARTS) return
    this.#names.set(order, name)
  }

  clear(): void {
    this.#names.clear()
  }

  result(): readonly { readonly order: number; readonly name: string }[] {
    return [...this.#names].map(([order, name]) => ({ order, name }))
  }
}
