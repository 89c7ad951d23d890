import type { SdkRequest, Surface } from './sdk-surfaces.ts'

/** A short prompt. */
export const user = [{ role: 'user', content: 'hello' }]

/** The smallest request of each surface. */
export const REQUESTS: Readonly<Record<Surface, SdkRequest>> = {
  'chat.completions': {
    path: '/v1/chat/completions',
    body: JSON.stringify({ model: 'gpt-4o', messages: user }),
    headers: {},
  },
  responses: {
    path: '/v1/responses',
    body: JSON.stringify({ model: 'gpt-4o', input: 'hello' }),
    headers: {},
  },
  'gemini-compatible chat.completions': {
    path: '/v1beta/openai/chat/completions',
    body: JSON.stringify({ model: 'gemini-2.5-flash', messages: user }),
    headers: {},
  },
  messages: {
    path: '/v1/messages',
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 64, messages: user }),
    headers: {},
  },
  generateContent: {
    path: '/v1beta/models/gemini-2.5-flash:generateContent',
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }),
    headers: {},
  },
  streamGenerateContent: {
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }),
    headers: {},
  },
}
