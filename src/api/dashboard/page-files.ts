import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { ERRORS, errorBody } from '../../errors.ts'

const NOT_BUILT =
  'The dashboard was not built: run `npm run build` in the folder of Flint, then start it again. The API is not affected.'

const INDEX = 'index.html'
const FOR_GOOD = 'public, max-age=31536000, immutable'

/** The built page: `index.html`, and `assets/` whose names change with what is in them. */
export interface PageFiles {
  /** Changes with every build that changed anything; null where there is none. */
  buildId(): string | null
  readonly routes: FastifyPluginAsync
}

/**
 * Serves the page at `/ui/`. Its addresses are the page's own matter: whatever is no file is the
 * page itself. Files lie beside their `.br` and `.gz`, since Envoy compresses nothing.
 */
export function pageFiles(directory: string): PageFiles {
  const index = path.join(directory, INDEX)
  const isBuilt = () => fs.existsSync(index)
  // Looked at before it is sent: an answer that turns to something else leaves listeners behind.
  const isFile = (name: string) => {
    try {
      return !/(^|\/)\./.test(name) && fs.statSync(path.join(directory, name)).isFile()
    } catch {
      // Also a name that no file can have.
      return false
    }
  }

  function sendPage(reply: FastifyReply): FastifyReply {
    if (!isBuilt())
      return reply
        .code(ERRORS.audit_unavailable.status)
        .send(errorBody('audit_unavailable', NOT_BUILT, 'dashboard_not_built'))
    return reply.header('cache-control', 'no-cache').sendFile(INDEX)
  }

  return {
    buildId() {
      if (!isBuilt()) return null
      return createHash('sha256').update(fs.readFileSync(index)).digest('hex').slice(0, 16)
    },
    routes: async (ui) => {
      await ui.register(fastifyStatic, {
        root: directory,
        serve: false,
        preCompressed: true,
        cacheControl: false,
        suppressWarning: true,
        dotfiles: 'ignore',
      })
      const options = { schema: { hide: true } }
      ui.get<{ Params: { '*': string } }>('/*', options, (request, reply) => {
        const name = request.params['*']
        const isAsset = name.startsWith('assets/')
        // Run as a script, the page would be a fault that is hard to understand.
        if (!isFile(name) && (isAsset || name.startsWith('v1/'))) return reply.callNotFound()
        if (!isFile(name) || name === INDEX) return sendPage(reply)
        return reply.header('cache-control', isAsset ? FOR_GOOD : 'no-cache').sendFile(name)
      })
    },
  }
}
