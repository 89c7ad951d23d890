import { afterAll, beforeAll } from 'vitest'
import { type FlintUnderTest, type StartFlint, startFlint } from './flint.ts'

type Stoppable = { close(): unknown } | { stop(): unknown }

/**
 * What `start` gives, for the tests of one file or suite: started before the first, stopped after
 * the last, in reverse of the order in which a file uses them. Read its members within tests and
 * hooks only; before it is started they throw.
 */
export function useServer<Server extends Stoppable>(start: () => Server | Promise<Server>): Server {
  let started: Server | undefined
  beforeAll(async () => {
    started = await start()
  })
  afterAll(async () => {
    if (started === undefined) return
    await ('stop' in started ? started.stop() : started.close())
  })
  return new Proxy({} as Server, {
    get(_, member) {
      if (started === undefined) throw new Error(`read ${String(member)} before it was started`)
      return Reflect.get(started, member)
    },
  })
}

/** A Flint for the tests of one file or suite; `options` is asked when everything above runs. */
export function useFlint(options: () => StartFlint = () => ({})): FlintUnderTest {
  return useServer(() => startFlint(options()))
}
