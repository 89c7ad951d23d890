/** List prices of the same models: a plan has no price by the token (evidence/subscription-cost.ts). */
export { prices } from '../openai/prices.ts'
