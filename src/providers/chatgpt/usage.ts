/** Codex gets the objects of OpenAI's Responses API here as well (openai/codex, codex-rs/codex-api). */
export { openaiUsage as chatgptUsage } from '../openai/usage.ts'
