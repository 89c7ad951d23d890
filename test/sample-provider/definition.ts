import type { ProviderDefinition } from '../provider.ts'
import { byShapeFormat } from '../usage/by-shape.ts'
import { noUsage } from '../usage/no-usage.ts'
import { sampleCounting } from './counting.ts'
import { sampleAnswers } from './endpoints/answers.ts'
import { prices } from './prices.ts'
import { sampleAnswersText } from './text-answers.ts'
import { sampleUsage } from './usage.ts'

declare module '../../evidence/evidence.ts' {
  interface ProviderNames {
    sample: true
  }
}

/** A provider that does not exist: what docs/adding-a-provider.md describes, as a whole. */
export const sample: ProviderDefinition = {
  name: 'sample',
  upstream: 'https://api.sample.example',
  basePath: '/v2',
  pathRules: [{ from: '/v1', to: '/v2' }],
  keyHeaders: ['x-sample-key'],
  credential: (key) => ['x-sample-key', key],
  credentialKind: (key) => (key.startsWith('sk-') ? 'api_key' : null),
  requestIdHeader: 'x-sample-request-id',
  endpoints: [
    {
      path: /^\/v2\/answers\/?$/,
      format: sampleAnswers,
      billing: 'billed',
      text: sampleAnswersText,
      counting: sampleCounting,
    },
    { path: /^\/v2\/models(\/|$)/, format: noUsage, billing: 'free' },
  ],
  unknownEndpoint: byShapeFormat({ usage: sampleUsage, usageMetadata: sampleUsage }),
  sockets: [],
  deferred: { finalStates: [], resultFilePaths: [] },
  uploads: null,
  prices,
  welcome: [{ title: 'Sample', path: '' }],
}
