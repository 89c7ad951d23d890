import type { BrowserContext } from 'playwright-core'

/**
 * What goes wrong on the pages of a context from now on, one line each: errors on the console,
 * exceptions that nothing caught, violations of the content security policy, and requests to any
 * origin that is not in `origins`. The list grows while the pages live.
 */
export async function watchProblems(
  context: BrowserContext,
  origins: readonly string[],
): Promise<readonly string[]> {
  const problems: string[] = []
  context.on('console', (message) => {
    if (message.type() !== 'error') return
    // Where the browser reports a failed request, only the location says which one.
    problems.push(`console: ${message.text().trim()} (${message.location().url})`)
  })
  context.on('weberror', (error) => problems.push(`exception: ${error.error().message}`))
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol === 'data:' || url.protocol === 'blob:') return
    if (!origins.includes(url.origin)) problems.push(`request to another origin: ${url.href}`)
  })
  // The console has most violations, in many forms; the event has all of them.
  await context.exposeBinding('reportViolation', (_, violation: string) => {
    problems.push(`content security policy: ${violation}`)
  })
  await context.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) =>
      reportViolation(event.effectiveDirective + ' blocked ' + event.blockedURI))
  `)
  return problems
}
