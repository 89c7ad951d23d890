import { dataPaths } from '../../../src/config/data-paths.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { evidenceLine } from '../../../src/evidence/evidence-line.ts'
import { connectStore, openInstallation } from '../../../src/installation.ts'
import { createPriceCall } from '../../../src/pricing/cost.ts'
import { createPriceBook } from '../../../src/pricing/price-book.ts'
import { createRatesOutbox } from '../../../src/pricing/rates-outbox.ts'
import { createSettler } from '../../../src/store/calls/settle.ts'
import type { StoreClient } from '../../../src/store/client/client.ts'
import { insertJsonLines } from '../../../src/store/evidence/insert-evidence.ts'
import { type SeededCallsOptions, seededCalls } from './seeded-calls.ts'

interface SeedStoreOptions extends Omit<SeededCallsOptions, 'price'> {
  /** Of a Flint that runs. */
  readonly dataDir: string
}

const CALLS_AT_ONCE = 4_000

/** Puts made-up calls into the ClickHouse of a running Flint. Resolves to how many there are. */
export async function seedStore({ dataDir, ...options }: SeedStoreOptions): Promise<number> {
  const store = connectStore(openInstallation(loadConfig({ FLINT_DATA_DIR: dataDir }).config))
  const ratesOutbox = dataPaths(dataDir).ratesOutbox
  try {
    return await seedCalls(store, { ...options, ratesOutbox })
  } finally {
    await store.close()
  }
}

/**
 * Puts made-up calls into a store: as the rows of evidence that gate, observer and Envoy write,
 * priced and settled by the product. Resolves to how many there are.
 */
export async function seedCalls(
  store: StoreClient,
  {
    ratesOutbox,
    ...options
  }: Omit<SeededCallsOptions, 'price'> & {
    /** Where rates are left that an organisation set itself. */
    readonly ratesOutbox: string
  },
): Promise<number> {
  const price = createPriceCall({
    book: createPriceBook(),
    onRates: createRatesOutbox(ratesOutbox),
  })
  let calls = 0
  let lines: string[] = []
  const insert = async () => {
    const body = Buffer.from(lines.join(''))
    lines = []
    await insertJsonLines(store, { table: 'evidence', body, token: `seeded-${calls}` })
  }
  for (const rows of seededCalls({ ...options, price })) {
    calls += 1
    lines.push(...rows.map(evidenceLine))
    if (calls % CALLS_AT_ONCE === 0) await insert()
  }
  if (lines.length > 0) await insert()
  await createSettler({ client: store }).run()
  return calls
}
