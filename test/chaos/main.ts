import { parseArgs } from 'node:util'
import { chaos, closingLines } from './chaos.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' } },
})
const seconds = Math.min(Number(values.seconds), 3_600)
const seed = Number(values.seed)
if (!(seconds > 0) || !Number.isInteger(seed))
  throw new Error('--seconds is a number of seconds, --seed a whole number')
const say = (line: string) => console.log(line)
say(`seconds: ${seconds}`)
say(`seed: ${seed}`)
const result = await chaos({ seconds, seed, say })
for (const line of closingLines(result)) say(line)
process.exit(
  result.undeclaredLosses.length + result.duplicates.length + result.wrongNumbers.length === 0
    ? 0
    : 1,
)
