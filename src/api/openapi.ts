import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/**
 * Collects the routes registered after it; serves the document at /openapi.json and a page at /docs
 * (its assets are local).
 */
export function installOpenApi(api: FastifyInstance): void {
  api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Flint Audit',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        description:
          'The audit log of every AI call that passes Envoy. Errors have one shape everywhere; see FlintError.',
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'audit', description: 'Records of calls, prompts, events, erasure' },
        {
          name: 'settings',
          description: 'What the organisation decides; scope admin, to look at it events',
        },
        {
          name: 'holds',
          description: 'Legal holds of the organisation; scope admin, to look at them events',
        },
        { name: 'views', description: 'Saved views of the list of calls; scope read' },
        {
          name: 'keys',
          description: 'Flint keys of the organisation and sessions of the dashboard',
        },
        { name: 'organisations', description: 'For the operator' },
        { name: 'health', description: 'For probes' },
      ],
      components: {
        securitySchemes: {
          flintKey: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'flnt_live_…',
            description: 'A Flint API key. Its organisation is the only one it sees.',
          },
          operatorKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'The operator key (setting operatorKey); no organisation’s key is one.',
          },
        },
      },
    },
    transformObject: (document) =>
      'openapiObject' in document ? optionalBodies(document.openapiObject) : document.swaggerObject,
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) =>
        typeof schema.$id === 'string' ? schema.$id : `def-${index}`,
    },
  })
  api.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Flint speaks plain HTTP: asked to upgrade, a browser requests the page's own files by https
    // and shows nothing.
    transformStaticCSP: (policy) => policy.replace(/\s?upgrade-insecure-requests;?/, ''),
    uiConfig: { deepLinking: true, displayRequestDuration: true },
  })
  // Made once: anybody may ask for it, as often as they like.
  let document: string | null = null
  api.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(api.swagger())
    return reply.type('application/json; charset=utf-8').send(document)
  })
}

/** Operations whose body may be left out; the plugin calls every body required. */
const OPTIONAL_BODIES = ['rotateKey']

function optionalBodies<Document extends { paths?: object }>(document: Document): Document {
  for (const item of Object.values(document.paths ?? {}))
    for (const operation of Object.values(item ?? {}))
      if (isBody(operation) && OPTIONAL_BODIES.includes(operation.operationId))
        operation.requestBody.required = false
  return document
}

function isBody(
  operation: unknown,
): operation is { readonly operationId: string; readonly requestBody: { required?: boolean } } {
  return typeof operation === 'object' && operation !== null && 'requestBody' in operation
}
