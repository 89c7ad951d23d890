import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlayedCall, play } from '../fixtures/play.ts'

const MESSAGES = '/v1/messages'
const RESPONSES = '/v1/responses'
const INTERACTIONS = '/v1beta/interactions'
const GENERATE = '/v1beta/models/gemini-2.5-flash:generateContent'

const chat = (...messages: readonly object[]): PlayedCall => ({
  request: JSON.stringify({ messages }),
})
const responses = (request: object): PlayedCall => ({
  endpoint: RESPONSES,
  request: JSON.stringify(request),
})
const anthropic = (...messages: readonly object[]): PlayedCall => ({
  provider: 'anthropic',
  endpoint: MESSAGES,
  request: JSON.stringify({ system: 'You are an agent.', messages }),
})
const generate = (...contents: readonly object[]): PlayedCall => ({
  provider: 'gemini',
  endpoint: GENERATE,
  request: JSON.stringify({
    contents,
    systemInstruction: { parts: [{ text: 'You are an agent.' }] },
  }),
})
const interaction = (input: unknown): PlayedCall => ({
  provider: 'gemini',
  endpoint: INTERACTIONS,
  request: JSON.stringify({ input, system_instruction: 'You are an agent.' }),
})
const SYSTEM = { role: 'system', content: 'You are an agent.' }
const text = (said: string) => ({ type: 'text', text: said })
const inputText = (said: string) => ({ type: 'input_text', text: said })

const converse = (...messages: readonly object[]): PlayedCall => ({
  provider: 'bedrock',
  endpoint: '/model/amazon.nova-lite-v1:0/converse',
  request: JSON.stringify({ system: [{ text: 'You are an agent.' }], messages }),
})
const invoke = (request: object): PlayedCall => ({
  provider: 'bedrock',
  endpoint: '/model/meta.llama3-3-70b-instruct-v1:0/invoke',
  request: JSON.stringify(request),
})
const SAID = [
  { role: 'user', content: [{ text: 'one' }] },
  { role: 'assistant', content: [{ text: 'no' }] },
  { role: 'user', content: [{ text: 'two' }] },
  { role: 'user', content: [{ toolResult: { toolUseId: 't', content: [{ text: 'a result' }] } }] },
]

const CALLS: Readonly<Record<string, readonly [call: PlayedCall, last: string | null]>> = {
  'chat: the last message of the user, not what follows it': [
    chat(
      SYSTEM,
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'no' },
      { content: 'two 😀', role: 'user' },
      { role: 'assistant', content: null, tool_calls: [] },
      { role: 'tool', content: 'a result' },
    ),
    'two 😀',
  ],
  'chat: the last text of its parts': [
    chat(SYSTEM, {
      role: 'user',
      content: [text('context'), text('asked'), { type: 'image_url', image_url: { url: 'x' } }],
    }),
    'asked',
  ],
  'Converse: the last message of the user, no result of a tool': [converse(...SAID), 'two'],
  'InvokeModel of Nova: the same': [invoke({ messages: SAID }), 'two'],
  'InvokeModel of Claude: the same': [
    invoke({
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'no' },
      ],
    }),
    'one',
  ],
  'InvokeModel with a prompt: the prompt': [invoke({ prompt: 'How deep?' }), 'How deep?'],
  'chat: none where the system alone speaks': [chat(SYSTEM), null],
  'chat: the message before, where the last has no text': [
    chat({ role: 'user', content: 'one' }, { role: 'user', content: [text(''), { type: 'file' }] }),
    'one',
  ],
  'completions: no one says whose it is': [
    { endpoint: '/v1/completions', request: '{"prompt":"one"}' },
    null,
  ],
  'responses: a string': [responses({ instructions: 'Be brief.', input: 'asked' }), 'asked'],
  'responses: the last item of the user': [
    responses({
      input: [
        { role: 'developer', content: 'no' },
        { role: 'user', content: [inputText('context')] },
        { content: [inputText('two'), inputText('asked')], type: 'message', role: 'user' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'no' }] },
        { type: 'function_call_output', role: 'user', output: 'no', content: 'no' },
      ],
      instructions: 'Be brief.',
    }),
    'asked',
  ],
  'Anthropic: the text beside the result of a tool': [
    anthropic(
      { role: 'user', content: 'one' },
      { role: 'assistant', content: [text('no'), { type: 'tool_use', id: 'a', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'a', content: [text('no')] }, text('asked')],
      },
    ),
    'asked',
  ],
  'Anthropic: the message before, where the last is the result of a tool': [
    anthropic(
      { role: 'user', content: [text('<system-reminder>'), text('asked')] },
      { role: 'assistant', content: 'no' },
      { role: 'user', content: [{ type: 'tool_result', content: 'no' }] },
    ),
    'asked',
  ],
  'Gemini: the last content of the user with text': [
    generate(
      { role: 'user', parts: [{ text: 'one' }] },
      { role: 'model', parts: [{ text: 'no' }] },
      { parts: [{ text: 'asked' }, { inlineData: { mimeType: 'image/png', data: 'QUJD' } }] },
      { role: 'model', parts: [{ functionCall: { name: 'f' } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { text: 'no' } } }] },
    ),
    'asked',
  ],
  'Gemini: one content that is no list': [
    {
      ...generate(),
      request: JSON.stringify({ contents: { parts: { text: 'asked' } } }),
    },
    'asked',
  ],
  'an interaction: a string': [interaction('asked'), 'asked'],
  'an interaction: one part': [interaction(text('asked')), 'asked'],
  'an interaction: its last step of the user': [
    interaction([
      { type: 'user_input', content: [text('one'), text('asked')] },
      { type: 'model_output', content: [text('no')] },
      { type: 'function_result', result: 'no' },
    ]),
    'asked',
  ],
  'an interaction: turns by their role': [
    interaction([
      { role: 'user', content: 'asked' },
      { role: 'model', content: 'no' },
    ]),
    'asked',
  ],
}

const lastUserOf = async (call: PlayedCall) => (await play({ ...call, text: true })).text?.prompt

describe('what a user said last', () => {
  test.each(Object.entries(CALLS))('%s', async (_, [call, last]) => {
    const prompt = await lastUserOf(call)
    expect(prompt?.lastUser?.start ?? null).toBe(last)
    const at = prompt?.lastUser?.at ?? 0
    if (last !== null) expect(prompt?.full.slice(at, at + last.length)).toBe(last)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (chunkBytes) => {
          expect((await lastUserOf({ ...call, chunkBytes }))?.lastUser).toEqual(prompt?.lastUser)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('is known behind a prompt that is over the bound, and of a long text its beginning', async () => {
    const behind = chat(
      { role: 'user', content: 'x'.repeat(500) },
      { role: 'user', content: `asked ${'y'.repeat(50_000)}` },
    )
    const last = (await play({ ...behind, text: true, maxTextBytes: 100 })).text?.prompt?.lastUser
    expect(last).toMatchObject({ at: null, start: expect.stringMatching(/^asked y/) })
    expect(last?.start).toHaveLength(16_384)
  })

  test('is not read where text is not asked for', async () => {
    expect((await play(chat({ role: 'user', content: 'asked' }))).text).toBeNull()
  })
})
