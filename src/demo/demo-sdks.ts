import type Anthropic from '@anthropic-ai/sdk'
import type { GoogleGenAI } from '@google/genai'
import type OpenAI from 'openai'
import { ConfigError } from '../config/config-error.ts'

/** No provider has ever heard of it; it shows where a real one goes. */
const PROVIDER_KEY = 'sk-demo-000000000000000000000demo'

/** Clients of a running Flint, with its key and a provider key. */
export interface DemoSdks {
  readonly openai: OpenAI
  readonly compatible: OpenAI
  readonly anthropic: Anthropic
  readonly gemini: GoogleGenAI
}

/**
 * Ours to explain when the SDKs, which are not needed to run Flint, were left out of the install.
 */
export async function connectSdks(baseUrl: string, key: string): Promise<DemoSdks> {
  try {
    const [{ default: OpenAi }, { default: AnthropicSdk }, { GoogleGenAI: Gemini }] =
      await Promise.all([import('openai'), import('@anthropic-ai/sdk'), import('@google/genai')])
    const headers = { Authorization: `Bearer ${key}`, 'x-provider-key': PROVIDER_KEY }
    const openai = (path: string) =>
      new OpenAi({
        apiKey: PROVIDER_KEY,
        baseURL: `${baseUrl}/v1/proxy/${path}`,
        defaultHeaders: headers,
        maxRetries: 0,
      })
    return {
      openai: openai('openai'),
      compatible: openai('gemini/v1beta/openai'),
      anthropic: new AnthropicSdk({
        apiKey: PROVIDER_KEY,
        baseURL: `${baseUrl}/v1/proxy/anthropic`,
        defaultHeaders: headers,
        maxRetries: 0,
      }),
      gemini: new Gemini({
        apiKey: PROVIDER_KEY,
        httpOptions: { baseUrl: `${baseUrl}/v1/proxy/gemini`, headers },
      }),
    }
  } catch (cause) {
    throw new ConfigError(
      'the demo needs the packages openai, @anthropic-ai/sdk and @google/genai: install with `npm ci`, not `npm ci --omit=dev`',
      '--demo',
      { cause },
    )
  }
}
