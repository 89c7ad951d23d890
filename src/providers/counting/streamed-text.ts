/** What the events of a stream say, as far as they came. */
export class StreamedText {
  text = ''
  readonly calls: { name: string; arguments: string }[] = []
  /** The last call at each place, and its id. */
  readonly #current = new Map<
    string,
    { readonly id: string; readonly call: { name: string; arguments: string } }
  >()

  /**
   * A piece of a call of a tool at a place of the answer. A name under another id begins another
   * call, whatever its place.
   */
  addCall(place: string, name: string, argumentsText: string, id = ''): void {
    if (name === '' && argumentsText === '') return
    const before = this.#current.get(place)
    const isAnother =
      before !== undefined && before.id !== '' && id !== '' && id !== before.id && name !== ''
    const call = before === undefined || isAnother ? { name: '', arguments: '' } : before.call
    if (call !== before?.call) this.calls.push(call)
    this.#current.set(place, { id: id === '' ? (before?.id ?? '') : id, call })
    call.name += name
    call.arguments += argumentsText
  }
}

/** The string, or '' for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
