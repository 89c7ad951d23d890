/** Providers and languages of the first call, in the order of their tabs. */
export const PROVIDERS = [
  { name: 'openai', label: 'OpenAI' },
  { name: 'anthropic', label: 'Anthropic' },
  { name: 'gemini', label: 'Gemini' },
] as const
export const LANGUAGES = [
  { name: 'js', label: 'JavaScript' },
  { name: 'python', label: 'Python' },
  { name: 'curl', label: 'curl' },
] as const
export type ProviderName = (typeof PROVIDERS)[number]['name']
export type LanguageName = (typeof LANGUAGES)[number]['name']

/** A first call through the Flint at `origin`; both keys come from the environment (docs/sdks.md). */
export function snippet(provider: ProviderName, language: LanguageName, origin: string): string {
  return SNIPPETS[provider][language](`${origin}/v1/proxy/${provider}`)
}

type Snippets = Readonly<Record<LanguageName, (url: string) => string>>

const SNIPPETS: Readonly<Record<ProviderName, Snippets>> = {
  openai: {
    js: (url) => `import OpenAI from 'openai'

const openai = new OpenAI({
  apiKey: process.env.OPENAI_API_KEY,
  baseURL: '${url}',
  defaultHeaders: { 'x-flint-key': process.env.FLINT_API_KEY },
})
const answer = await openai.chat.completions.create({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Say hello.' }],
})
console.log(answer.choices[0].message.content)`,
    python: (url) => `import os
from openai import OpenAI

openai = OpenAI(
    base_url="${url}",
    default_headers={"x-flint-key": os.environ["FLINT_API_KEY"]},
)
answer = openai.chat.completions.create(
    model="gpt-4o-mini", messages=[{"role": "user", "content": "Say hello."}]
)
print(answer.choices[0].message.content)`,
    curl: (url) => `curl ${url}/v1/chat/completions \\
  -H "Authorization: Bearer $FLINT_API_KEY" \\
  -H "x-provider-key: $OPENAI_API_KEY" \\
  -H "content-type: application/json" \\
  -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello."}]}'`,
  },
  anthropic: {
    js: (url) => `import Anthropic from '@anthropic-ai/sdk'

const anthropic = new Anthropic({
  authToken: process.env.FLINT_API_KEY,
  apiKey: null,
  baseURL: '${url}',
  defaultHeaders: { 'x-provider-key': process.env.ANTHROPIC_API_KEY },
})
const answer = await anthropic.messages.create({
  model: 'claude-haiku-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Say hello.' }],
})
console.log(answer.content[0].text)`,
    python: (url) => `import os
from anthropic import Anthropic

anthropic = Anthropic(
    auth_token=os.environ["FLINT_API_KEY"],
    base_url="${url}",
    default_headers={"x-provider-key": os.environ["ANTHROPIC_API_KEY"]},
)
answer = anthropic.messages.create(
    model="claude-haiku-4-5", max_tokens=100,
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.content[0].text)`,
    curl: (url) => `curl ${url}/v1/messages \\
  -H "Authorization: Bearer $FLINT_API_KEY" \\
  -H "x-provider-key: $ANTHROPIC_API_KEY" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "content-type: application/json" \\
  -d '{"model": "claude-haiku-4-5", "max_tokens": 100,
       "messages": [{"role": "user", "content": "Say hello."}]}'`,
  },
  gemini: {
    js: (url) => `import { GoogleGenAI } from '@google/genai'

const gemini = new GoogleGenAI({
  apiKey: process.env.GEMINI_API_KEY,
  httpOptions: {
    baseUrl: '${url}',
    headers: {
      Authorization: \`Bearer \${process.env.FLINT_API_KEY}\`,
      'x-provider-key': process.env.GEMINI_API_KEY,
    },
  },
})
const answer = await gemini.models.generateContent({
  model: 'gemini-2.5-flash',
  contents: 'Say hello.',
})
console.log(answer.text)`,
    python: (url) => `import os
from google import genai

gemini = genai.Client(
    api_key=os.environ["GEMINI_API_KEY"],
    http_options={
        "base_url": "${url}",
        "headers": {
            "Authorization": f"Bearer {os.environ['FLINT_API_KEY']}",
            "x-provider-key": os.environ["GEMINI_API_KEY"],
        },
    },
)
answer = gemini.models.generate_content(model="gemini-2.5-flash", contents="Say hello.")
print(answer.text)`,
    curl: (url) => `curl ${url}/v1beta/models/gemini-2.5-flash:generateContent \\
  -H "Authorization: Bearer $FLINT_API_KEY" \\
  -H "x-provider-key: $GEMINI_API_KEY" \\
  -H "content-type: application/json" \\
  -d '{"contents": [{"parts": [{"text": "Say hello."}]}]}'`,
  },
}
