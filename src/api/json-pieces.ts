/** UTF-16 units of a text that are escaped at a time. */
const PIECE_UNITS = 65_536

/**
 * The JSON of a value in pieces of bounded size, as long as only its texts are long: a text of
 * control characters is six times as long in JSON, and need not be there as a whole.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let joined = ''
  for (const piece of smallPieces(value)) {
    joined += piece
    if (joined.length < PIECE_UNITS) continue
    yield joined
    joined = ''
  }
  if (joined !== '') yield joined
}

function* smallPieces(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    yield '"'
    // Cut between the halves of a pair, each is escaped: the same text to every reader.
    for (let at = 0; at < value.length; at += PIECE_UNITS)
      yield JSON.stringify(value.slice(at, at + PIECE_UNITS)).slice(1, -1)
    yield '"'
  } else if (Array.isArray(value)) {
    yield '['
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ','
      yield* smallPieces(item ?? null)
    }
    yield ']'
  } else if (typeof value === 'object' && value !== null) {
    yield '{'
    let isFirst = true
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue
      yield `${isFirst ? '' : ','}${JSON.stringify(name)}:`
      yield* smallPieces(member)
      isFirst = false
    }
    yield '}'
  } else yield JSON.stringify(value ?? null)
}
