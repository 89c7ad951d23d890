import readline from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ConfigError } from '../config/config-error.ts'
import { SQL_USER_PASSWORD_VARIABLE } from '../config/environment.ts'

/** Out of the environment, or stdin; at a terminal it is asked for and not shown. Never of argv. */
export async function passwordOfUser(name: string): Promise<string> {
  const given = process.env[SQL_USER_PASSWORD_VARIABLE]
  const password =
    given ?? (process.stdin.isTTY ? await askFor(name) : (await text(process.stdin)).trim())
  if (password === '')
    throw new ConfigError(
      `the password of ${name} is missing: give it on stdin or as ${SQL_USER_PASSWORD_VARIABLE}`,
      'password',
    )
  return password
}

async function askFor(name: string): Promise<string> {
  process.stderr.write(`password of ${name}: `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = readline.createInterface({
    ...{ input: process.stdin, output: silent, terminal: true },
  })
  try {
    return await new Promise((resolve) => {
      terminal.once('line', resolve)
      terminal.once('close', () => resolve(''))
    })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
