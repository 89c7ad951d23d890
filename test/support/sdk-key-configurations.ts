import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { PROVIDER_KEY } from './provider-key.ts'
import { baseUrlOf, type Surface } from './sdk-surfaces.ts'

/** Where nothing else is said, the provider key of these calls. */

export interface KeyConfiguration {
  readonly sdk: string
  readonly keys: string
  readonly call: (url: string, flintKey: string, claim: string) => Promise<unknown>
  readonly credential: readonly [name: string, value: string]
}
const bearer: readonly [name: string, value: string] = ['authorization', `Bearer ${PROVIDER_KEY}`]
const OAUTH = 'sk-ant-oat01-0123456789abcd'
const url = (surface: Surface, origin: string) => baseUrlOf(surface, { origin, throughFlint: true })
const ask = [{ role: 'user' as const, content: 'hello' }]
const askChat = (client: OpenAI) =>
  client.chat.completions.create({ model: 'gpt-4o', messages: ask })
const askClaude = (client: Anthropic) =>
  client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 64, messages: ask })
const askGemini = (client: GoogleGenAI) =>
  client.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hello' })
const openai = (
  origin: string,
  apiKey: string,
  defaultHeaders: Record<string, string>,
  surface: Surface = 'chat.completions',
) => new OpenAI({ apiKey, baseURL: url(surface, origin), defaultHeaders, maxRetries: 0 })
const claude = (
  origin: string,
  keys: { apiKey: string | null; authToken: string | null },
  defaultHeaders: Record<string, string>,
) => new Anthropic({ ...keys, baseURL: url('messages', origin), defaultHeaders, maxRetries: 0 })
const genai = (origin: string, apiKey: string, headers: Record<string, string>) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url('generateContent', origin), headers } })

/** What a client with a field for its base URL and one for its key can send. */
const joined = (flintKey: string) => `${PROVIDER_KEY}.${flintKey}`
const ONE_KEY = 'apiKey = <provider key>.<Flint key>, and nothing else'
const ONE_HEADER = 'apiKey = provider key, as without Flint, header x-flint-key'

/** Every way to give the two keys that works in JavaScript (docs/sdks.md). */
export const KEY_CONFIGURATIONS: readonly KeyConfiguration[] = [
  ...(['chat.completions', 'gemini-compatible chat.completions'] as const).flatMap(
    (surface): KeyConfiguration[] => [
      {
        sdk: `openai (${surface})`,
        keys: 'apiKey = Flint key, header x-provider-key',
        call: (origin, key, claim) =>
          askChat(
            openai(
              origin,
              key,
              { 'x-provider-key': PROVIDER_KEY, 'x-flint-request-id': claim },
              surface,
            ),
          ),
        credential: bearer,
      },
      {
        sdk: `openai (${surface})`,
        keys: 'apiKey = provider key, headers Authorization and x-provider-key (as in the guide)',
        call: (origin, key, claim) =>
          askChat(
            openai(
              origin,
              PROVIDER_KEY,
              {
                Authorization: `Bearer ${key}`,
                'x-provider-key': PROVIDER_KEY,
                'x-flint-request-id': claim,
              },
              surface,
            ),
          ),
        credential: bearer,
      },
    ],
  ),
  {
    sdk: 'openai (responses)',
    keys: 'apiKey = Flint key, x-provider-key with the request',
    call: (origin, key, claim) =>
      openai(origin, key, { 'x-flint-request-id': claim }).responses.create(
        { model: 'gpt-4o', input: 'hello' },
        { headers: { 'x-provider-key': PROVIDER_KEY } },
      ),
    credential: bearer,
  },
  {
    sdk: 'openai (chat.completions)',
    keys: 'apiKey = provider key, Flint key in x-api-key',
    call: (origin, key, claim) =>
      askChat(openai(origin, PROVIDER_KEY, { 'x-api-key': key, 'x-flint-request-id': claim })),
    credential: bearer,
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'apiKey = provider key, headers Authorization and x-provider-key',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: PROVIDER_KEY, authToken: null },
          {
            Authorization: `Bearer ${key}`,
            'x-provider-key': PROVIDER_KEY,
            'x-flint-request-id': claim,
          },
        ),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'authToken = Flint key, header x-provider-key',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: null, authToken: key },
          { 'x-provider-key': PROVIDER_KEY, 'x-flint-request-id': claim },
        ),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'apiKey = Flint key, header x-provider-key',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: key, authToken: null },
          { 'x-provider-key': PROVIDER_KEY, 'x-flint-request-id': claim },
        ),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'headers only: Authorization and x-provider-key',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: null, authToken: null },
          {
            Authorization: `Bearer ${key}`,
            'x-provider-key': PROVIDER_KEY,
            'x-flint-request-id': claim,
          },
        ),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'authToken = Flint key, header X-Api-Key (as Python sends it)',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: null, authToken: key },
          { 'X-Api-Key': PROVIDER_KEY, 'x-flint-request-id': claim },
        ),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'authToken = Flint key, an OAuth token in x-provider-key',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: null, authToken: key },
          { 'x-provider-key': OAUTH, 'x-flint-request-id': claim },
        ),
      ),
    credential: ['authorization', `Bearer ${OAUTH}`],
  },
  {
    sdk: '@google/genai',
    keys: 'apiKey = provider key, headers Authorization and x-provider-key',
    call: (origin, key, claim) =>
      askGemini(
        genai(origin, PROVIDER_KEY, {
          Authorization: `Bearer ${key}`,
          'x-provider-key': PROVIDER_KEY,
          'x-flint-request-id': claim,
        }),
      ),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai',
    keys: 'apiKey = provider key, header Authorization',
    call: (origin, key, claim) =>
      askGemini(
        genai(origin, PROVIDER_KEY, {
          Authorization: `Bearer ${key}`,
          'x-flint-request-id': claim,
        }),
      ),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai',
    keys: 'apiKey = Flint key, header x-provider-key',
    call: (origin, key, claim) =>
      askGemini(
        genai(origin, key, { 'x-provider-key': PROVIDER_KEY, 'x-flint-request-id': claim }),
      ),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai',
    keys: 'apiKey = any text, header x-goog-api-key = provider key, header Authorization',
    call: (origin, key, claim) =>
      askGemini(
        genai(origin, 'unused', {
          'x-goog-api-key': PROVIDER_KEY,
          Authorization: `Bearer ${key}`,
          'x-flint-request-id': claim,
        }),
      ),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai (stream)',
    keys: 'keys with the request: Authorization and x-provider-key',
    call: async (origin, key, claim) => {
      const headers = {
        Authorization: `Bearer ${key}`,
        'x-provider-key': PROVIDER_KEY,
        'x-flint-request-id': claim,
      }
      const chunks = await genai(origin, PROVIDER_KEY, {}).models.generateContentStream({
        model: 'gemini-2.5-flash',
        contents: 'hello',
        config: { httpOptions: { headers } },
      })
      for await (const _ of chunks);
    },
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai (interactions)',
    keys: 'apiKey = provider key (which the SDK then leaves out), headers Authorization and x-provider-key',
    call: (origin, key, claim) =>
      genai(origin, PROVIDER_KEY, {
        Authorization: `Bearer ${key}`,
        'x-provider-key': PROVIDER_KEY,
        'x-flint-request-id': claim,
      }).interactions.create({ model: 'gemini-2.5-flash', input: 'hello' }),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  ...(['chat.completions', 'gemini-compatible chat.completions'] as const).flatMap(
    (surface): KeyConfiguration[] => [
      {
        sdk: `openai (${surface})`,
        keys: ONE_KEY,
        call: (origin, key, claim) =>
          askChat(openai(origin, joined(key), { 'x-flint-request-id': claim }, surface)),
        credential: bearer,
      },
      {
        sdk: `openai (${surface})`,
        keys: ONE_HEADER,
        call: (origin, key, claim) =>
          askChat(
            openai(
              origin,
              PROVIDER_KEY,
              { 'x-flint-key': key, 'x-flint-request-id': claim },
              surface,
            ),
          ),
        credential: bearer,
      },
    ],
  ),
  {
    sdk: '@anthropic-ai/sdk',
    keys: ONE_KEY,
    call: (origin, key, claim) =>
      askClaude(
        claude(origin, { apiKey: joined(key), authToken: null }, { 'x-flint-request-id': claim }),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: ONE_HEADER,
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: PROVIDER_KEY, authToken: null },
          { 'x-flint-key': key, 'x-flint-request-id': claim },
        ),
      ),
    credential: ['x-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@anthropic-ai/sdk',
    keys: 'authToken = <OAuth token>.<Flint key>',
    call: (origin, key, claim) =>
      askClaude(
        claude(
          origin,
          { apiKey: null, authToken: `${OAUTH}.${key}` },
          { 'x-flint-request-id': claim },
        ),
      ),
    credential: ['authorization', `Bearer ${OAUTH}`],
  },
  {
    sdk: '@google/genai',
    keys: ONE_KEY,
    call: (origin, key, claim) =>
      askGemini(genai(origin, joined(key), { 'x-flint-request-id': claim })),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai',
    keys: ONE_HEADER,
    call: (origin, key, claim) =>
      askGemini(genai(origin, PROVIDER_KEY, { 'x-flint-key': key, 'x-flint-request-id': claim })),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
  {
    sdk: '@google/genai (interactions)',
    keys: ONE_KEY,
    call: (origin, key, claim) =>
      genai(origin, joined(key), { 'x-flint-request-id': claim }).interactions.create({
        model: 'gemini-2.5-flash',
        input: 'hello',
      }),
    credential: ['x-goog-api-key', PROVIDER_KEY],
  },
]
