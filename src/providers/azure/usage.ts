/** The objects are OpenAI's; what Azure adds to them is no part of the bill. */
export { openaiUsage as azureUsage } from '../openai/usage.ts'
