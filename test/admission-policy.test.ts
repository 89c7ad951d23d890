import fs from 'node:fs'
import path from 'node:path'
import { type CelInput, isCelList, isCelMap, run } from '@bufbuild/cel'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { packageRoot } from '../src/config/package-root.ts'

/*
 * deploy/admission: its expressions are evaluated as they stand, but for the types of what an API
 * server applies (`Object.spec{…}`), which only it knows: here they are maps.
 */

interface Policy {
  readonly kind: string
  readonly spec: {
    readonly matchConstraints: {
      readonly namespaceSelector: { readonly matchLabels: Readonly<Record<string, string>> }
    }
    readonly matchConditions: ReadonlyArray<{ readonly expression: string }>
    readonly variables: ReadonlyArray<{ readonly name: string; readonly expression: string }>
    readonly mutations: ReadonlyArray<{
      readonly applyConfiguration: { readonly expression: string }
    }>
    readonly policyName?: string
  }
}

const FILE = path.join(packageRoot(), 'deploy/admission/base-urls.yaml')
const [policy, binding] = parseAllDocuments(fs.readFileSync(FILE, 'utf8')).map(
  (document) => document.toJS() as Policy & { metadata: { name: string } },
)
if (policy === undefined || binding === undefined) throw new Error(`${FILE} has not two objects`)
const { spec } = policy

interface Container {
  readonly name: string
  readonly env?: ReadonlyArray<{ readonly name: string; readonly value?: string }>
}
interface Pod {
  readonly annotations?: Readonly<Record<string, string>>
  readonly containers: readonly Container[]
}

const inputOf = (value: object): CelInput => JSON.parse(JSON.stringify(value))

const asObject = ({ annotations, containers }: Pod) =>
  inputOf({ metadata: { annotations }, spec: { containers } })

const matches = (pod: Pod) =>
  spec.matchConditions.every(
    ({ expression }) => run(expression, { object: asObject(pod) }) === true,
  )

/** What is applied: the variables that each container gets. */
function applied(pod: Pod): Record<string, Record<string, string>> {
  const variables = inputOf(
    Object.fromEntries(
      spec.variables.map(({ name, expression }) => [name, plain(run(expression))]),
    ),
  )
  const text = (spec.mutations[0]?.applyConfiguration.expression ?? '')
    .replace(/Object[.a-z]*\{/gi, '{')
    .replace(/([{,]\s*)(\w+):/g, '$1"$2":')
  const { spec: made } = plain(run(text, { object: asObject(pod), variables })) as {
    spec: { containers: Array<{ name: string; env: Array<{ name: string; value: string }> }> }
  }
  return Object.fromEntries(
    made.containers.map(({ name, env }) => [
      name,
      Object.fromEntries(env.map((variable) => [variable.name, variable.value])),
    ]),
  )
}

/** Maps and lists of CEL as those of JavaScript. */
function plain(value: unknown): unknown {
  if (isCelList(value)) return [...value].map(plain)
  if (!isCelMap(value)) return value
  return Object.fromEntries([...value.entries()].map(([key, member]) => [key, plain(member)]))
}

const app: Container = { name: 'app' }

describe('the sample policy for base URLs', () => {
  test('is for namespaces that opted in, and bound to all of them', () => {
    expect(spec.matchConstraints.namespaceSelector.matchLabels).toEqual({
      'flint-audit/base-urls': 'on',
    })
    expect(binding.spec.policyName).toBe(policy.metadata.name)
  })

  test('takes pods, but for those that opted out', () => {
    expect(matches({ containers: [app] })).toBe(true)
    expect(matches({ containers: [app], annotations: { other: 'off' } })).toBe(true)
    const annotations = { 'flint-audit/base-urls': 'off' }
    expect(matches({ containers: [app], annotations })).toBe(false)
  })

  test('gives each container the base URLs that a mesh can read', () => {
    const urls = {
      OPENAI_BASE_URL: 'http://api.openai.com/v1',
      ANTHROPIC_BASE_URL: 'http://api.anthropic.com',
      GOOGLE_GEMINI_BASE_URL: 'http://generativelanguage.googleapis.com',
    }
    const second = { name: 'second', env: [{ name: 'OTHER', value: 'x' }] }
    expect(applied({ containers: [app, second] })).toEqual({ app: urls, second: urls })
  })

  test('leaves alone what an app sets itself', () => {
    const env = [{ name: 'OPENAI_BASE_URL', value: 'https://proxy.example/v1' }]
    const { app: given } = applied({ containers: [{ ...app, env }] })
    expect(Object.keys(given ?? {})).toEqual(['ANTHROPIC_BASE_URL', 'GOOGLE_GEMINI_BASE_URL'])
  })
})
