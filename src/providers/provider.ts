import type { CredentialKind } from '../evidence/credential-kind.ts'
import type { Provider } from '../evidence/evidence.ts'
import type { TokenCounting } from './counting/token-counting.ts'
import type { ProviderPrices } from './provider-prices.ts'
import type { SocketFormat } from './socket/socket-format.ts'
import type { TextFormat } from './text/text-format.ts'
import type { WireFormat } from './wire-format.ts'

/**
 * Everything that Flint knows of one provider: flat data and functions. A provider is one folder
 * whose `definition.ts` exports one of these, and one line in `registry.ts`
 * (docs/adding-a-provider.md).
 */
export interface ProviderDefinition {
  /**
   * In records, settings, Envoy's route and cluster names and the public path:
   * `/v1/proxy/<name>/…`.
   */
  readonly name: Provider
  /**
   * Origin without a slash at its end; `providers.<name>.upstream` replaces it. Null where each
   * customer has an address of its own, which must be configured.
   */
  readonly upstream: string | null
  /**
   * What SDKs put into their base URL and users therefore leave out of Flint's, e.g. `/v1`: it is
   * added, but never twice. '' where the paths of the SDK are complete.
   */
  readonly basePath: `/${string}` | ''
  /**
   * Hosts that speak this, by the names under which people know them: the name alone in
   * `providers:` is enough for one.
   */
  readonly knownHosts?: readonly KnownHost[]
  /**
   * Further hosts that speak this, by which a call that names its provider's host alone is known;
   * `*` stands for a label or a part of one: `*.openai.azure.com`.
   */
  readonly hosts?: readonly string[]
  /**
   * For clients whose base URL has a version too many, or none where the paths of others have one;
   * a base path that comes twice needs no rule.
   */
  readonly pathRules: readonly PathRule[]
  /**
   * Headers besides Authorization in which the SDKs send their key, lower case; in the order in
   * which they are looked at.
   */
  readonly keyHeaders: readonly string[]
  /**
   * The one header that carries the provider's key upstream. `endpoint` is the path as the provider
   * sees it.
   */
  readonly credential: (key: string, endpoint: string) => readonly [name: string, value: string]
  /** What a key is by its shape; null where the shape does not say. */
  readonly credentialKind: (key: string) => CredentialKind | null
  /**
   * Where requests may be signed instead of carrying a key: the signature that an Authorization
   * header holds; null where it holds none.
   */
  readonly signature?: (authorization: string) => RequestSignature | null
  /**
   * Header of the answer that holds the provider's own id of the request, lower case; null where
   * only the body has it.
   */
  readonly requestIdHeader: string | null
  /**
   * Where requests name a deployment, a name of the customer's own, in the place of a model: the one
   * that path or query name, null where they name none and the body may. It is the record's
   * `requestModel`; a model is only what the answer names. Left out where requests name models.
   */
  readonly deployment?: (endpoint: string, query: string) => string | null
  /** Terms of the bill that the path names, or that no call shows; default none. */
  readonly billedTerms?: (endpoint: string) => readonly string[]
  /** Other headers of its answers that formats read, lower case: observers see no others. */
  readonly answerHeaders?: readonly string[]
  /** The first endpoint whose path matches counts, so the order matters. */
  readonly endpoints: readonly Endpoint[]
  /** How a call of an endpoint that is not listed is read. */
  readonly unknownEndpoint: WireFormat
  readonly sockets: readonly SocketEndpoint[]
  readonly deferred: DeferredWork
  /**
   * Resumable uploads, whose later steps go to an address that the first answer names; null where
   * the provider has none.
   */
  readonly uploads: Uploads | null
  readonly prices: ProviderPrices
  /** What the welcome text says; the first line also shows the upstream. */
  readonly welcome: readonly WelcomeLine[]
  /** A call to copy and paste after the start. The first provider that has one is shown. */
  readonly example?: ExampleCall
}

interface RequestSignature {
  /** Of the key that signed; no secret. */
  readonly keyId: string
  /** Names of the headers that it covers, lower case. */
  readonly headers: readonly string[]
}

export interface KnownHost {
  readonly name: Provider
  readonly upstream: string
  readonly basePath: ProviderDefinition['basePath']
  readonly prices: ProviderPrices
}

/**
 * The beginning of a path as it came, and what stands in its place at the provider. Whole segments;
 * the first rule that matches counts, and a path without one stays as it is. Envoy's routes are
 * made of them (envoy/provider.yaml).
 */
export interface PathRule {
  readonly from: `/${string}`
  readonly to: `/${string}`
}

/**
 * Who pays for a call that succeeds: `billed`: this call; `free`: no one, or another call;
 * `streamed`: this call where it waits for the work in a stream. Only a POST is ever billed: a GET
 * repeats what an earlier call is billed for.
 */
export type Billing = 'billed' | 'free' | 'streamed'

export interface Endpoint {
  /** Tested on the path as the provider sees it, without query. */
  readonly path: RegExp
  readonly format: WireFormat
  readonly billing: Billing
  /** Where prompt and answer stand in the bodies of a POST. */
  readonly text?: TextFormat
  /** Why a billed endpoint has no `text`: what its prompt is, or where it stands. */
  readonly withoutText?: string
  /**
   * How tokens are counted where a stream ends without usage; the same for all endpoints of one
   * format.
   */
  readonly counting?: TokenCounting
}

/** A GET that becomes a websocket with status 101. */
export interface SocketEndpoint {
  readonly path: RegExp
  readonly format: SocketFormat
  /** Header of the 101 with the provider's id of the session. */
  readonly requestIdHeader: string
}

/**
 * Work that one call orders and later calls report: background responses, batches, runs
 * (docs/decisions/008).
 */
interface DeferredWork {
  /** Values of `finish_reason` after which nothing more will be counted. */
  readonly finalStates: readonly string[]
  /**
   * RE2 patterns of the paths under which the result file of a batch is read; they match at the end
   * of a path.
   */
  readonly resultFilePaths: readonly string[]
}

/** docs/decisions/027-uploads-come-back.md */
interface Uploads {
  /** Beginning of the paths of uploads, as the provider sees them. */
  readonly pathPrefix: `/${string}/`
  /** Header of the answer that names the address of the next step. */
  readonly addressHeader: string
}

interface WelcomeLine {
  /** `OpenAI`, `Gemini (OpenAI SDK)` */
  readonly title: string
  /** Added to `/v1/proxy/<name>`; '' for nothing. */
  readonly path: `/${string}` | ''
}

export interface ExampleCall {
  /** Environment variable in which people have their key. */
  readonly keyVariable: string
  /** Added to `/v1/proxy/<name>`. */
  readonly path: `/${string}`
  /** JSON; it stands between single quotes in a shell. */
  readonly body: string
}
