import type { CheckedRun } from './use-clients.ts'

const ENVIRONMENT = 'The environment, for all of them'
const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const GEMINI = '/v1beta/models/gemini-2.5-flash:streamGenerateContent'

const PROMPT = 'What colour was the sky?'

/** Every framework of the page: a program of its lines, and one call with each client they make. */
export const FRAMEWORKS: Readonly<Record<string, CheckedRun>> = {
  'LangChain for JavaScript': {
    setUps: [ENVIRONMENT, 'LangChain for JavaScript'],
    command: ['node'],
    program: {
      language: 'js',
      before: `
        import { ChatAnthropic } from '@langchain/anthropic'
        import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
        import { ChatOpenAI } from '@langchain/openai'`,
      after: `
        for (const model of [openai, anthropic, gemini])
          for await (const { text } of await model.stream('${PROMPT}')) console.log(text)`,
    },
    endpoints: [CHAT, MESSAGES, GEMINI],
  },
  'LangChain for Python': {
    setUps: [ENVIRONMENT, 'LangChain for Python'],
    command: ['python'],
    program: {
      language: 'python',
      before: `
from langchain_anthropic import ChatAnthropic
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI`,
      after: `
for model in [openai, anthropic, gemini]:
    for chunk in model.stream("${PROMPT}"):
        print(chunk.text)`,
    },
    endpoints: [CHAT, MESSAGES, GEMINI.replace('v1beta', 'v1')],
  },
  'Vercel AI SDK': {
    setUps: [ENVIRONMENT, 'Vercel AI SDK'],
    command: ['node'],
    program: {
      language: 'js',
      before: `
        import { anthropic } from '@ai-sdk/anthropic'
        import { createGoogleGenerativeAI } from '@ai-sdk/google'
        import { openai } from '@ai-sdk/openai'
        import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
        import { streamText } from 'ai'`,
      after: `
        const models = [openai('gpt-5.5'), anthropic('claude-haiku-4-5'), google('gemini-2.5-flash'),
          compatible('gpt-4o')]
        for (const model of models)
          for await (const text of streamText({ model, prompt: '${PROMPT}' }).textStream)
            console.log(text)`,
    },
    endpoints: [RESPONSES, MESSAGES, GEMINI, CHAT],
  },
  'Pydantic AI': {
    setUps: [ENVIRONMENT, 'Pydantic AI'],
    command: ['python'],
    program: {
      language: 'python',
      before: 'from pydantic_ai import Agent',
      after: `
import asyncio
async def ask(agent):
    async with agent.run_stream("${PROMPT}") as answer:
        print(await answer.get_output())
async def main():
    for agent in agents:
        await ask(agent)
asyncio.run(main())`,
    },
    endpoints: [RESPONSES, CHAT, MESSAGES, GEMINI.replace('v1beta', 'v1')],
  },
  LiteLLM: {
    setUps: [ENVIRONMENT, 'LiteLLM'],
    command: ['python-of-aider'],
    program: {
      language: 'python',
      before: 'from litellm import completion',
      after: `
for model in ["openai/gpt-4o", "anthropic/claude-haiku-4-5", "gemini/gemini-2.5-flash"]:
    for chunk in completion(model, [{"role": "user", "content": "${PROMPT}"}], **streamed):
        for choice in chunk.choices:
            print(choice.delta.content or "", end="")`,
    },
    endpoints: [CHAT, MESSAGES, GEMINI],
  },
  'OpenAI Agents SDK for JavaScript': {
    setUps: [ENVIRONMENT, 'OpenAI Agents SDK'],
    command: ['node'],
    program: {
      language: 'js',
      before: `import { Agent, run } from '@openai/agents'`,
      after: `
        const agent = new Agent({ name: 'sky', model: 'gpt-5.5' })
        console.log((await run(agent, '${PROMPT}')).finalOutput)
        const stream = await run(agent, '${PROMPT}', { stream: true })
        await stream.completed
        console.log(stream.finalOutput)`,
    },
    endpoints: [RESPONSES, RESPONSES],
  },
  'OpenAI Agents SDK for Python': {
    setUps: [ENVIRONMENT, 'OpenAI Agents SDK'],
    command: ['python'],
    program: {
      language: 'python',
      before: `
import asyncio
from agents import Agent, ModelSettings, Runner, set_default_openai_api`,
      after: `
async def ask(agent):
    result = Runner.run_streamed(agent, "${PROMPT}")
    async for event in result.stream_events():
        pass
    print(result.final_output)
async def main():
    await ask(Agent(name="sky", model="gpt-5.5"))
    set_default_openai_api("chat_completions")
    await ask(agent)
asyncio.run(main())`,
    },
    endpoints: [RESPONSES, CHAT],
  },
}
