import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 }
const OVERRIDES = JSON.stringify([
  { provider: 'openai', model: 'gpt-4o-mini*', discountPercent: 10 },
])
const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: { FLINT_PRICING_OVERRIDES: OVERRIDES },
}))
beforeAll(() => {
  provider.answer(({ body }, response) => {
    const { model } = JSON.parse(body.toString()) as { model: string }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'c', model, choices: [], usage }))
  })
})

async function recordOf(claim: string, model: string) {
  const body = Buffer.from(JSON.stringify({ model, messages: [] }))
  const headers = {
    authorization: `Bearer ${flint.key}`,
    'x-provider-key': PROVIDER_KEY,
    'content-type': 'application/json',
  }
  await rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-length': body.length, 'x-flint-request-id': claim },
    body,
  })
  return (await recordsByClaim(flint, [claim])).get(claim)
}

const sql = (query: string) => flint.sql(query)

describe('prices', () => {
  test('are those of the contract, and the rates stand in a table of their own', async () => {
    const record = await recordOf('contract', 'gpt-4o-mini')
    expect(record).toMatchObject({
      costUsd: 0.135,
      costStatus: 'exact',
      costReason: null,
      billable: true,
      usageRaw: usage,
    }) // $0.15 less a tenth
    expect(record?.priceVersion).toMatch(/^contract\/[0-9a-f]{12}\*genai-prices@/)
    await until(
      'the rates of the contract',
      20_000,
      async () => Number((await sql('SELECT count() AS n FROM prices'))[0]?.['n']) > 0,
    )
    expect(await sql('SELECT price_version, rates FROM prices FINAL')).toEqual([
      {
        price_version: record?.priceVersion,
        rates: expect.stringContaining('"input_mtok":"0.135"'),
      },
    ])
  })

  test('of a model no one knows are null, named by the check, and come with a newer book', {
    timeout: 120_000,
  }, async () => {
    const unknown = await recordOf('unknown', 'gpt-next')
    expect(unknown).toMatchObject({
      costUsd: null,
      costStatus: 'unpriced',
      costReason: 'unknown_model',
      inputTokens: 1_000_000,
    })
    expect(await flint.cli('prices', 'check')).toMatch(/gpt-next .* 1 .* 1 .* unknown_model/)
    expect(
      (await flint.metrics()).get('flint_observer_cost_reason_total{name="unknown_model"}'),
    ).toBe(1)

    const file = path.join(flint.dataDir, 'newer.json')
    const model = {
      id: 'gpt-next',
      match: { equals: 'gpt-next' },
      prices: { input_mtok: 7, output_mtok: 9 },
    }
    fs.writeFileSync(
      file,
      JSON.stringify([{ id: 'openai', name: 'OpenAI', api_pattern: '.*', models: [model] }]),
    )
    await flint.cli('prices', 'update', '--file', file)
    let tries = 0
    await until(
      'the newer book',
      60_000,
      async () => (await recordOf(`newer-${tries++}`, 'gpt-next'))?.costUsd === 7,
    )

    const range = ['--from', '2020-01-01', '--to', '2100-01-01']
    expect(await flint.cli('reprice', ...range, '--dry-run')).toMatch(/\d+ would change/)
    expect(await flint.cli('reprice', ...range)).toMatch(/have a new price/)
    await until(
      'the new price of the earlier call',
      20_000,
      async () => (await recordsByClaim(flint, ['unknown'])).get('unknown')?.costUsd === 7,
    )
    expect(
      await sql(
        "SELECT DISTINCT cost_status FROM evidence WHERE kind = 'observation' AND model = 'gpt-next' ORDER BY cost_status",
      ),
    ).toEqual([{ cost_status: 'exact' }, { cost_status: 'unpriced' }])
  })

  test('in a file of another format are refused with the reason', async () => {
    const file = path.join(flint.dataDir, 'none.json')
    fs.writeFileSync(file, '{"providers":[]}')
    await expect(flint.cli('prices', 'update', '--file', file)).rejects.toThrow(
      /none of the providers/,
    )
    await expect(flint.cli('reprice', '--from', 'yesterday', '--to', '2100-01-01')).rejects.toThrow(
      /ISO 8601/,
    )
  })
})
