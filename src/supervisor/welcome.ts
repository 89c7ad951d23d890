import type { Installation } from '../installation.ts'
import type { RunningFlint } from './up.ts'

/** What a person needs right after the start: where to point an SDK, the key, a call that works by copy and paste. */
export function welcome({ baseUrl, firstKey }: RunningFlint, { config, paths }: Installation, demo: boolean): string[] {
  // The demo's provider checks no key; a real one wants the caller's own.
  const providerKey = demo ? 'sk-demo-any-key-will-do' : '$OPENAI_API_KEY'
  const key = firstKey?.key ?? '$FLINT_API_KEY'
  return [
    '',
    `Flint is up: ${baseUrl}`,
    '',
    '  OpenAI                 ' + `${baseUrl}/v1/proxy/openai        → ${config.providers.openai.upstream}`,
    '  Anthropic              ' + `${baseUrl}/v1/proxy/anthropic     → ${config.providers.anthropic.upstream}`,
    '  Gemini (GenAI SDK)     ' + `${baseUrl}/v1/proxy/gemini        → ${config.providers.gemini.upstream}`,
    '  Gemini (OpenAI SDK)    ' + `${baseUrl}/v1/proxy/gemini/v1beta/openai`,
    '  Audit log              ' + `${baseUrl}/v1/audit               API: ${baseUrl}/docs`,
    `  Data                   ${paths.root}`,
    '',
    ...(firstKey
      ? [`  Flint key of your first organisation, shown this once: ${firstKey.key}`, '']
      : ['  Your organisation and its keys are as you left them; `flint keys create --name …` makes one more.', '']),
    demo ? 'Try it:' : 'Try it (with a provider key of yours in OPENAI_API_KEY):',
    '',
    `  curl ${baseUrl}/v1/proxy/openai/chat/completions -H "Authorization: Bearer ${key}" -H "x-provider-key: ${providerKey}" \\`,
    `    -H 'content-type: application/json' -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello."}]}'`,
    `  curl "${baseUrl}/v1/audit?limit=1" -H "Authorization: Bearer ${key}"`,
    '',
    'Ctrl-C stops everything.',
  ]
}
