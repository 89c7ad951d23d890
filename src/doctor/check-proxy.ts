import { type Finding, ok, problem, unknown, warning } from './finding.ts'
import { listOf, member, textOf } from './json-tree.ts'
import { chainsOf, type ProxyChain } from './proxy-chain.ts'

/** What a proxy answers to `/server_info` and `/config_dump` of its admin interface. */
export interface ProxyAnswers {
  readonly serverInfo: unknown
  readonly configDump: unknown
}

const ORDER = ['flint.auth', 'flint.guard', 'flint.observe']
const ROUTER = 'envoy.filters.http.router'
/** Headers in which callers and the gate send keys, in lower case. */
const KEY_HEADERS = [
  ...['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'],
  ...['x-amz-security-token', 'x-flint-key', 'x-provider-key', 'sec-websocket-protocol'],
]
const VERSION = /(\d{1,6})\.(\d{1,6})\.(\d{1,6})/
const RENDER = 'render it anew (`npx flint envoy config`, `npx flint manifests`) and apply that'

/** `testedVersion`: of the Envoy that this version of Flint brings, e.g. 1.40.0. */
export function checkProxy(
  { serverInfo, configDump }: ProxyAnswers,
  testedVersion: string,
): readonly Finding[] {
  const chains = chainsOf(configDump)
  return [
    checkVersion(textOf(member(serverInfo, 'version')), testedVersion),
    ...(chains.length === 0
      ? [
          problem(
            'envoy.chain',
            'no listener of this Envoy has the filter flint.auth: its calls leave no record',
            RENDER,
          ),
        ]
      : chains.flatMap(checkChain)),
  ]
}

/** `version` as Envoy says it: commit/1.40.0/Clean/RELEASE/BoringSSL. */
function checkVersion(version: string, tested: string): Finding {
  const check = 'envoy.version'
  const running = VERSION.exec(version)
  const wanted = VERSION.exec(tested)
  if (!running || !wanted) return unknown(check, 'Envoy did not say its version')
  const [whole, major, minor] = running
  const isOlder =
    Number(major) * 1_000 + Number(minor) < Number(wanted[1]) * 1_000 + Number(wanted[2])
  return isOlder
    ? warning(
        check,
        `Envoy ${whole}; Flint is tested with ${tested}`,
        `use ${tested} or newer: older ones lack fields or fixes that the chain relies on`,
      )
    : ok(check, `Envoy ${whole}`)
}

function checkChain(chain: ProxyChain): readonly Finding[] {
  const at = (what: string) => `${what} (${chain.name})`
  const filter = (name: string) => chain.filters.find((each) => each.name === name)?.typedConfig
  return [
    checkOrder(chain, at),
    checkGate(filter('flint.auth'), at),
    checkObserver(filter('flint.observe'), at),
    checkForwarded(filter('flint.observe'), at),
    checkRetries(chain, at),
    checkClosing(chain, at),
  ]
}

type At = (what: string) => string

function checkOrder({ filters }: ProxyChain, at: At): Finding {
  const names = filters.map(({ name }) => name)
  const ours = names.filter((name) => ORDER.includes(name) || name === ROUTER)
  const isRight = ours.join() === [...ORDER, ROUTER].join() && names.at(-1) === ROUTER
  return isRight
    ? ok('envoy.order', at('flint.auth, flint.guard, flint.observe and the router, in this order'))
    : problem(
        'envoy.order',
        at(`the filters stand in the order ${ours.join(', ')}`),
        `it must be ${ORDER.join(', ')}, and the router last: ${RENDER}`,
      )
}

function checkGate(filter: unknown, at: At): Finding {
  const namespaces = member(filter, 'metadata_options', 'receiving_namespaces', 'untyped')
  if (member(filter, 'failure_mode_allow') === true)
    return problem(
      'envoy.gate',
      at('flint.auth lets calls pass while the gate is away (failure_mode_allow)'),
      `they would leave no record: ${RENDER}`,
    )
  return listOf(namespaces).includes('flint.audit')
    ? ok('envoy.gate', at('flint.auth fails closed and takes over what the gate says'))
    : problem(
        'envoy.gate',
        at('flint.auth does not take over flint.audit from the gate (receiving_namespaces)'),
        `flint.guard refuses every call: ${RENDER}`,
      )
}

function checkObserver(filter: unknown, at: At): Finding {
  return member(filter, 'observability_mode') === true
    ? ok('envoy.observability_mode', at('flint.observe gets a copy, and no call waits for it'))
    : problem(
        'envoy.observability_mode',
        at('flint.observe is no observer: every call waits for it'),
        `observability_mode must be true, spelt so: ${RENDER}`,
      )
}

/** The observer sits behind the key swap: it may see those headers alone that are named. */
function checkForwarded(filter: unknown, at: At): Finding {
  const check = 'envoy.allowed_headers'
  const patterns = member(filter, 'forward_rules', 'allowed_headers', 'patterns')
  if (patterns === undefined)
    return problem(
      check,
      at('flint.observe is sent every header, provider keys among them'),
      `forward_rules.allowed_headers must list what it may see: ${RENDER}`,
    )
  const exact = listOf(patterns).map((pattern) => textOf(member(pattern, 'exact')).toLowerCase())
  const keys = exact.filter((name) => KEY_HEADERS.includes(name))
  if (keys.length > 0)
    return problem(check, at(`flint.observe is sent ${keys.join(', ')}`), `take it out: ${RENDER}`)
  return exact.includes('')
    ? warning(
        check,
        at('flint.observe is sent headers by a pattern, not by their names'),
        `a pattern can meet a header that holds a key: ${RENDER}`,
      )
    : ok(check, at(`flint.observe is sent ${exact.length} headers by name, no key among them`))
}

/** A retry is a second call, which the provider bills. */
function checkRetries({ routes }: ProxyChain, at: At): Finding {
  const retried = routes.filter(
    ({ retryPolicy }) => retryPolicy !== undefined && member(retryPolicy, 'num_retries') !== 0,
  )
  return retried.length === 0
    ? ok('envoy.retries', at(`${routes.length} routes to providers, without a retry`))
    : problem(
        'envoy.retries',
        at(
          `routes that retry calls: ${retried.map(({ name }) => name || 'without a name').join(', ')}`,
        ),
        'a retry is a second call, which the provider bills: take retry_policy off (Istio: retries.attempts: 0)',
      )
}

function checkClosing({ accessLogs }: ProxyChain, at: At): Finding {
  const types = accessLogs.map((log) => textOf(member(log, 'typed_config', '@type')))
  return types.some((type) => type.endsWith('.HttpGrpcAccessLogConfig'))
    ? ok('envoy.closing', at('how calls end goes to the observer (access log service)'))
    : warning(
        'envoy.closing',
        at('no access log service: how calls end is not known from Envoy'),
        `records then say less of broken calls: ${RENDER}`,
      )
}
