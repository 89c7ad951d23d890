import type { FastifyInstance } from 'fastify'
import { Browser, toApi } from './browser.ts'
import type { TestIdentityProvider } from './identity-provider.ts'

/** A person with a browser, who signs in to Flint by way of their identity provider. */
export class PersonAtProvider {
  readonly #api: FastifyInstance
  readonly #provider: TestIdentityProvider
  readonly #subject: string | null
  readonly #ofProvider = new Map<string, string>()
  readonly browser: Browser
  /** `name=value` that Flint set for the time at the provider. */
  stateCookie = ''

  constructor(api: FastifyInstance, provider: TestIdentityProvider, subject: string | null) {
    this.#api = api
    this.#provider = provider
    this.#subject = subject
    this.browser = new Browser(toApi(api))
  }

  /** From the button to Flint's answer to the way back. */
  async signIn(next = '/ui/overview') {
    const answer = await this.open(await this.untilBack(next))
    return { browser: this.browser, answer }
  }

  /** Path and query by which the provider sends the browser back. */
  async untilBack(next = '/ui/overview'): Promise<string> {
    const login = await this.#ask(`/ui/oidc/login?${new URLSearchParams({ next })}`, true)
    this.#provider.signsIn = this.#subject
    let at = String(login.headers.location)
    while (at.startsWith(this.#provider.issuer)) {
      const cookie = [...this.#ofProvider].map((pair) => pair.join('=')).join('; ')
      const answer = await fetch(at, { redirect: 'manual', headers: { cookie } })
      for (const line of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/)
        this.#ofProvider.set(name, value)
      }
      const location = answer.headers.get('location')
      if (location === null) throw new Error(`the provider answers ${answer.status} at ${at}`)
      at = new URL(location, at).href
    }
    const { pathname, search } = new URL(at)
    return pathname + search
  }

  /** Opens a path of Flint after a redirect from the provider: Strict cookies stay behind. */
  async open(path: string) {
    const { statusCode, headers, body } = await this.#ask(path, false)
    return { status: statusCode, headers, text: body }
  }

  async #ask(url: string, isSameSite: boolean) {
    const session = isSameSite ? this.browser.cookie : null
    const cookie = [this.stateCookie, session ?? ''].filter((one) => one !== '').join('; ')
    const answer = await this.#api.inject({
      url,
      headers: { host: 'localhost:8080', ...(cookie === '' ? {} : { cookie }) },
    })
    for (const { name, value } of answer.cookies) {
      if (name === 'flint_oidc') this.stateCookie = value === '' ? '' : `${name}=${value}`
      if (name === 'flint_session') this.browser.cookie = `${name}=${value}`
    }
    return answer
  }
}
