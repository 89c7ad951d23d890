import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countingOf } from '../endpoints.ts'
import { modelChunks } from '../fixtures/amazon-events.ts'
import { jsonObject } from '../json/text.ts'
import { answerText } from './answer-text.ts'
import { StreamedText } from './streamed-text.ts'

const FORMAT = 'openai-chat'

/** The same out of the events that eventsource-parser finds. */
function oracle(stream: string): Pick<StreamedText, 'text' | 'calls'> {
  const said = new StreamedText()
  const parser = createParser({
    onEvent({ data }) {
      const event = jsonObject(data)
      if (event !== null) countingOf(FORMAT)?.readEvent(event, said)
    },
  })
  // It waits for what follows a CR at the end.
  parser.feed(`${stream}\n\n`)
  return said
}

const chunk = (delta: object) => JSON.stringify({ choices: [{ index: 0, delta }] })
const event = fc
  .oneof(
    fc.string({ unit: 'grapheme' }).map((content) => chunk({ content })),
    fc
      .tuple(fc.nat(2), fc.string(), fc.string())
      .map(([index, name, args]) =>
        chunk({ tool_calls: [{ index, function: { name, arguments: args } }] }),
      ),
    fc.constantFrom('[DONE]', '{"cut":', ''),
  )
  .map((data) => data.replaceAll('\ufeff', ''))
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const framed = fc
  .tuple(fc.constantFrom('', ': comment', 'event: delta', 'id: 7'), event, lineEnd, fc.boolean())
  .map(([before, data, end, isSplit]) => {
    // One event may stand in several data lines: JSON goes on behind any comma outside a string.
    const lines = isSplit ? data.replace('{"choices":', '{"choices":\n').split('\n') : [data]
    const fields = [before, ...lines.map((line) => `data: ${line}`)].filter((line) => line !== '')
    return `${fields.join(end)}${end}${end}`
  })
const streams = fc.array(framed, { maxLength: 12 }).map((events) => events.join(''))

describe('the text of a stream that is counted', () => {
  test('is what the events say that eventsource-parser finds, whatever ends their lines', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const { text, calls } = answerText(FORMAT, Buffer.from(stream))
        const expected = oracle(stream)
        expect({ text, calls }).toEqual({ text: expected.text, calls: expected.calls })
      }),
      { numRuns: 500 },
    )
  })

  test('is a beginning of the whole text wherever the stream was cut', () => {
    fc.assert(
      fc.property(streams, fc.nat(), (stream, at) => {
        const bytes = Buffer.from(stream)
        const cut = bytes.subarray(0, bytes.length === 0 ? 0 : at % bytes.length)
        const whole = answerText(FORMAT, bytes).text
        expect(whole.startsWith(answerText(FORMAT, cut).text)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('holds an event that came whole before its blank line did', () => {
    const stream = `data: ${chunk({ content: 'Not ' })}\n\ndata: ${chunk({ content: 'many.' })}`
    expect(answerText(FORMAT, Buffer.from(stream)).text).toBe('Not many.')
  })

  test('of Amazon’s events is what came whole', () => {
    const said = (text: string) => ({ type: 'content_block_delta', delta: { text } })
    const stream = modelChunks(said('Not '), said('many.'), said(' At all'))
    const cut = stream.subarray(0, stream.length - 1)
    expect(answerText('bedrock-invoke', cut).text).toBe('Not many.')
  })
})
