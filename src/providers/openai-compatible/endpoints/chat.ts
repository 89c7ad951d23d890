import { chatFormat } from '../../openai/endpoints/chat.ts'
import { compatibleUsage } from '../usage.ts'

/**
 * Groq's streams have their usage in the last chunk's `x_groq`
 * (https://console.groq.com/docs/api-reference#chat-create), whether it was asked for or not.
 */
const GROQ_USAGE = 'x_groq.usage'

export const compatibleChat = chatFormat('compatible-chat', compatibleUsage, GROQ_USAGE)
/** Legacy completions; also Mistral's for code in the middle (`/v1/fim/completions`). */
export const compatibleCompletions = chatFormat(
  'compatible-completions',
  compatibleUsage,
  GROQ_USAGE,
)
