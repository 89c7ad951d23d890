import { describe, test } from 'vitest'
import { hasCommand } from './installed-programs.ts'
import { type ClientRun, PROVIDER_KEYS, useClients } from './use-clients.ts'

const clients = useClients()

const PROMPT = 'What colour was the sky?'
const OPENAI = ['authorization', `Bearer ${PROVIDER_KEYS.OPENAI_API_KEY}`] as const
const ANTHROPIC = ['x-api-key', PROVIDER_KEYS.ANTHROPIC_API_KEY] as const
const GEMINI = ['x-goog-api-key', PROVIDER_KEYS.GEMINI_API_KEY] as const
const SUBSCRIPTION = 'sk-ant-oat01-clients-0123456789abcd'

const CLAUDE_CODE = {
  heading: 'Claude Code',
  command: ['claude', '-p', PROMPT, '--model', 'claude-opus-4-8'],
  env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
  endpoints: ['/v1/messages'],
}

const RUNS: Readonly<Record<string, ClientRun>> = {
  'Claude Code with an API key': { ...CLAUDE_CODE, credential: ANTHROPIC },
  'Claude Code with a subscription': {
    ...CLAUDE_CODE,
    env: { ...CLAUDE_CODE.env, ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION },
    credential: ['authorization', `Bearer ${SUBSCRIPTION}`],
  },
  'Codex CLI': {
    heading: 'Codex CLI',
    command: ['codex', 'exec', '--skip-git-repo-check', '-m', 'gpt-5.5', PROMPT],
    endpoints: ['/v1/responses'],
    credential: OPENAI,
  },
  'Gemini CLI': {
    heading: 'Gemini CLI',
    command: ['gemini', '-m', 'gemini-2.5-flash', '--skip-trust', '-p', PROMPT],
    endpoints: ['/v1beta/models/gemini-2.5-flash:streamGenerateContent'],
    credential: GEMINI,
  },
  'opencode with Anthropic': {
    heading: 'opencode',
    command: ['opencode', 'run', '-m', 'anthropic/claude-opus-4-8', PROMPT],
    endpoints: ['/v1/messages'],
    credential: ANTHROPIC,
  },
  'opencode with OpenAI': {
    heading: 'opencode',
    command: ['opencode', 'run', '-m', 'openai/gpt-5.5', PROMPT],
    endpoints: ['/v1/responses'],
    credential: OPENAI,
  },
  'opencode with Gemini': {
    heading: 'opencode',
    command: ['opencode', 'run', '-m', 'google/gemini-2.5-flash', PROMPT],
    endpoints: ['/v1beta/models/gemini-2.5-flash:streamGenerateContent'],
    credential: GEMINI,
  },
  'aider with OpenAI': {
    heading: 'aider',
    command: [
      'aider',
      '--model',
      'openai/gpt-4o',
      '--message',
      PROMPT,
      '--no-git',
      '--yes-always',
      '--no-check-update',
      '--analytics-disable',
    ],
    endpoints: ['/v1/chat/completions'],
    credential: OPENAI,
  },
  'aider with Anthropic': {
    heading: 'aider',
    command: [
      'aider',
      '--model',
      'anthropic/claude-haiku-4-5',
      '--message',
      PROMPT,
      '--no-git',
      '--yes-always',
      '--no-check-update',
      '--analytics-disable',
    ],
    endpoints: ['/v1/messages'],
    credential: ANTHROPIC,
  },
  'aider with Gemini': {
    heading: 'aider',
    command: [
      'aider',
      '--model',
      'gemini/gemini-2.5-flash',
      '--message',
      PROMPT,
      '--no-git',
      '--yes-always',
      '--no-check-update',
      '--analytics-disable',
    ],
    endpoints: ['/v1beta/models/gemini-2.5-flash:streamGenerateContent'],
    credential: GEMINI,
  },
  'llm with OpenAI': {
    heading: 'llm',
    command: ['llm', '-m', 'gpt-4o', PROMPT],
    endpoints: ['/v1/chat/completions'],
    credential: OPENAI,
  },
  'llm with Anthropic': {
    heading: 'llm',
    command: ['llm', '-m', 'anthropic/claude-opus-4-0', PROMPT],
    endpoints: ['/v1/messages'],
    credential: ANTHROPIC,
  },
}

describe('set up as docs/agents.md says, the record of each call is right', () => {
  for (const [name, client] of Object.entries(RUNS))
    test.skipIf(!hasCommand(client.command[0] ?? ''))(name, () => clients.expectRecorded(client))
})
