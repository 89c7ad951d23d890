interface Mark {
  readonly letter: string
  readonly name: string
  /** Whose row it is, and what it can know. */
  readonly says: string
}

const ENVOYS_FILE: Mark = {
  letter: 'E',
  name: 'Envoy’s log file',
  says: 'Envoy’s own log file, read because no row of its stream came',
}
const MARKS: ReadonlyMap<string, Mark> = new Map([
  [
    'intent',
    { letter: 'G', name: 'gate', says: 'The gate, which let the call through and swapped its key' },
  ],
  [
    'observation',
    { letter: 'O', name: 'observer', says: 'The observer, which read a copy of the call' },
  ],
  [
    'closing',
    { letter: 'E', name: 'Envoy', says: 'Envoy’s access log: what the caller really got' },
  ],
  ['access_log', ENVOYS_FILE],
  // As builds before the renaming wrote it.
  ['witness', ENVOYS_FILE],
  ['report', { letter: 'C', name: 'caller', says: 'The caller, who reported a call of its own' }],
  [
    'deferred',
    { letter: 'B', name: 'later poll', says: 'A later poll, whose answer had the result' },
  ],
  ['pricing', { letter: 'P', name: 'priced again', says: 'Flint, which priced the usage again' }],
  ['content', { letter: 'S', name: 'delivery', says: 'Delivery, once the prompt was stored' }],
  ['run_ended', { letter: 'R', name: 'end of run', says: 'Delivery: that start of Envoy is over' }],
  [
    'sighting',
    { letter: '2', name: 'second proxy', says: 'The gate: a second proxy had the call too' },
  ],
])

export function markOf(kind: string): Mark {
  return MARKS.get(kind) ?? { letter: '?', name: kind, says: `A row of the kind ${kind}` }
}

/** Whose row a value was taken from: one letter, with its name for those who ask. */
export function SourceMark({ kind }: { kind: string }) {
  const { letter, name, says } = markOf(kind)
  return (
    <abbr class="mark" title={`${says} (${kind})`}>
      {letter}
      <span class="visually-hidden">, {name}</span>
    </abbr>
  )
}
