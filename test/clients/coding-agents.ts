import { PROVIDER_KEYS } from './client-run.ts'
import type { CheckedRun } from './use-clients.ts'

const PROMPT = 'What colour was the sky?'
const SUBSCRIPTION = 'sk-ant-oat01-clients-0123456789plan'

const CLAUDE_CODE = {
  setUps: ['Claude Code'],
  command: ['claude', '-p', PROMPT, '--model', 'claude-opus-4-8'],
  endpoints: ['/v1/messages'],
} as const satisfies CheckedRun

const opencode = (model: string, endpoint: string): CheckedRun => ({
  setUps: ['opencode'],
  command: ['opencode', 'run', '-m', model, PROMPT],
  endpoints: [endpoint],
})
const aider = (model: string, endpoint: string): CheckedRun => ({
  setUps: ['aider'],
  command: ['aider', '--model', model, '--message', PROMPT, '--no-git', '--yes-always'],
  endpoints: [endpoint],
})
const llm = (model: string, endpoint: string): CheckedRun => ({
  setUps: ['llm'],
  command: ['llm', '-m', model, PROMPT],
  endpoints: [endpoint],
})

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const GEMINI = '/v1beta/models/gemini-2.5-flash:streamGenerateContent'

/** Every coding agent of the page, one run for each kind of credential or provider. */
export const CODING_AGENTS: Readonly<Record<string, CheckedRun>> = {
  'Claude Code with an API key': CLAUDE_CODE,
  'Claude Code with a subscription': {
    ...CLAUDE_CODE,
    env: { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION },
    credential: ['authorization', `Bearer ${SUBSCRIPTION}`],
  },
  'Claude Code with an apiKeyHelper': {
    ...CLAUDE_CODE,
    env: { ANTHROPIC_API_KEY: '' },
    files: {
      '.claude/settings.json': JSON.stringify({
        apiKeyHelper: `echo ${PROVIDER_KEYS.ANTHROPIC_API_KEY}`,
      }),
    },
  },
  'Codex CLI': {
    setUps: ['Codex CLI'],
    command: ['codex', 'exec', '--skip-git-repo-check', '-m', 'gpt-5.5', PROMPT],
    endpoints: [RESPONSES],
  },
  'Gemini CLI': {
    setUps: ['Gemini CLI'],
    command: ['gemini', '-m', 'gemini-2.5-flash', '--skip-trust', '-p', PROMPT],
    endpoints: [GEMINI],
  },
  'opencode with Anthropic': opencode('anthropic/claude-opus-4-8', MESSAGES),
  'opencode with OpenAI': opencode('openai/gpt-5.5', RESPONSES),
  'opencode with Gemini': opencode('google/gemini-2.5-flash', GEMINI),
  'aider with OpenAI': aider('openai/gpt-4o', CHAT),
  'aider with Anthropic': aider('anthropic/claude-haiku-4-5', MESSAGES),
  'aider with Gemini': aider('gemini/gemini-2.5-flash', GEMINI),
  'llm with OpenAI': llm('gpt-4o', CHAT),
  'llm with Anthropic': llm('anthropic/claude-opus-4-0', MESSAGES),
}
