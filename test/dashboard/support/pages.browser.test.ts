import fs from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { serveLoopback } from '../../support/loopback-server.ts'
import { processTree } from '../../support/process-tree.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { useServer } from '../../support/use-flint.ts'
import { axeFindings } from './axe-findings.ts'
import { findChromium } from './find-chromium.ts'
import { packagedChromium } from './packaged-chromium.ts'
import { createPages } from './pages.ts'
import { startBrowser } from './start-browser.ts'
import { usePages } from './use-pages.ts'

const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src *",
  "require-trusted-types-for 'script'; trusted-types 'none'",
].join('; ')

const GOOD = '<h1>Calls</h1><p>All of them are <a href="/seen">seen</a>.</p>'

/** What each script of the server does. */
const SCRIPTS: Readonly<Record<string, string>> = {
  '/logs.js': "console.error('the list could not be read')",
  '/throws.js': "throw new Error('no such call')",
  '/writes-markup.js': "document.body.innerHTML = '<p>'",
  '/asks-elsewhere.js': "fetch('http://127.0.0.1:9/beacon').catch(() => {})",
}

const server = useServer(() =>
  serveLoopback((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local')
    const script = SCRIPTS[pathname]
    if (script !== undefined)
      return response.setHeader('content-type', 'text/javascript').end(script)
    if (pathname !== '/') return response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end()
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.setHeader('content-security-policy', POLICY)
    const body = `<main>${searchParams.get('body') ?? GOOD}</main>`
    return response.end(`<!doctype html><html lang="en"><title>Flint</title>${body}</html>`)
  }),
)
const address = (body: string) => `${server.url}/?${new URLSearchParams({ body })}`

describe('pages of a test', () => {
  const browser = useServer(async () => {
    const started = await startBrowser()
    return {
      newContext: started.newContext.bind(started),
      close: () => started.close(),
    }
  })

  const opened = async (body: string, allowed: RegExp[] = []) => {
    const pages = createPages(browser)
    const page = await pages.open(address(body), { allowed })
    await page.waitForLoadState('networkidle')
    return pages
  }

  test('pass while nothing is wrong with them', async () => {
    await (await opened(GOOD)).close()
  })

  test.each([
    ['log an error', '<script src="/logs.js"></script>', 'console: the list could not be read'],
    ['throw', '<script src="/throws.js"></script>', 'exception: no such call'],
    ['miss a file', '<img src="/none.png" alt="">', /console: .*404.*none\.png/],
    ['run inline script', '<script>1</script>', 'policy: script-src-elem blocked inline'],
    ['have inline style', '<p style="color: red">', 'policy: style-src-attr blocked inline'],
    ['write markup', '<script src="/writes-markup.js"></script>', 'require-trusted-types-for'],
    [
      'ask another origin',
      '<script src="/asks-elsewhere.js"></script>',
      'request to another origin: http://127.0.0.1:9/beacon',
    ],
  ])('that %s fail their test', async (_, body, problem) => {
    const pages = await opened(body)
    await expect(pages.close()).rejects.toThrow(problem)
  })

  test('may have the problems that their test provokes, and no others', async () => {
    const body = '<script src="/logs.js"></script><img src="/none.png" alt="">'
    await (await opened(body, [/could not be read/, /none\.png/])).close()
    await expect((await opened(body, [/none\.png/])).close()).rejects.toThrow('could not be read')
  })

  test('are watched in each tab that is opened beside them', async () => {
    const pages = createPages(browser)
    const page = await pages.open(address(GOOD))
    await (await page.context().newPage()).goto(address('<script src="/logs.js"></script>'))
    await expect(pages.close()).rejects.toThrow('could not be read')
  })
})

describe('axe', () => {
  const pages = usePages()

  test('finds what is wrong, with the element and the way out', async () => {
    const page = await pages.open(address(`${GOOD}<button id="close"></button>`))
    const [finding, ...others] = await axeFindings(page)
    expect(others).toEqual([])
    expect(finding).toMatch(
      /^button-name \| Buttons must have discernible text \| #close \| Element/,
    )
    expect(await axeFindings(page, 'p')).toEqual([])
  })

  test('finds nothing on a page that is as it should be', async () => {
    expect(
      await axeFindings(await pages.open(address(GOOD), { theme: 'dark', width: 390 })),
    ).toEqual([])
  })
})

describe('Chromium', () => {
  test('is the one that FLINT_CHROMIUM_PATH names, else the first on PATH', async () => {
    const folder = temporaryDirectory()
    const installed = path.join(folder, 'google-chrome')
    fs.writeFileSync(installed, '', { mode: 0o755 })
    const env = { PATH: `/nonexistent${path.delimiter}${folder}` }
    expect(await findChromium(env)).toEqual({ path: installed, env })
    const named = { ...env, FLINT_CHROMIUM_PATH: '/opt/chromium' }
    expect(await findChromium(named)).toEqual({ path: '/opt/chromium', env: named })
  })

  test('that came by npm runs with its own libraries and fonts alone', async () => {
    const program = await packagedChromium()
    expect(await findChromium({ PATH: temporaryDirectory() })).toEqual(program)
    const { LD_LIBRARY_PATH, FONTCONFIG_FILE } = program.env
    const own = path.dirname(program.path)
    const before = new Set(processTree(process.pid))
    const home = temporaryDirectory()
    const browser = await startBrowser({
      ...program,
      env: { LD_LIBRARY_PATH, FONTCONFIG_FILE, HOME: home },
    })
    try {
      const page = await browser.newPage()
      await page.goto(address('<h1>Calls</h1><code>call</code>'))
      expect(await fontsOf(page, 'h1')).toEqual(['Inter'])
      expect(await fontsOf(page, 'code')).toEqual(['JetBrains Mono'])
      const started = processTree(process.pid).filter((pid) => !before.has(pid))
      const foreign = started
        .flatMap(filesInMemory)
        .filter((file) => /\.(so|ttf|otf|pfb)\b/.test(file) && !file.startsWith(own))
        .map((file) => path.basename(file).replace(/\.so.*/, ''))
      // Node needs the same: whatever runs the tests has them.
      const ofEverySystem = ['ld-linux-x86-64', 'libc', 'libdl', 'libgcc_s', 'libm', 'libpthread']
      expect([...new Set(foreign)].filter((name) => !ofEverySystem.includes(name))).toEqual([])
      expect(started.flatMap(filesInMemory)).toContain(path.join(own, 'libraries/lib/libnss3.so'))
    } finally {
      await browser.close()
    }
  })
})

/** Families of the fonts that draw the text of an element. */
async function fontsOf(page: Page, selector: string): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('DOM.enable')
  await session.send('CSS.enable')
  const { root } = await session.send('DOM.getDocument')
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector })
  const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId })
  return fonts.map(({ familyName }) => familyName.replace(/ \(.*\)$/, ''))
}

/** Files that a process has mapped into its memory. */
function filesInMemory(pid: number): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/maps`, 'utf8').match(/\/.*$/gm) ?? []
  } catch {
    return []
  }
}
