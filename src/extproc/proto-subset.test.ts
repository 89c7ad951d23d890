import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'

const ROOTS = [
  'envoy/service/ext_proc/v3/external_processor.proto',
  'envoy/service/accesslog/v3/als.proto',
]
const ours = path.resolve(import.meta.dirname, '../../proto')
const require = createRequire(import.meta.url)
const envoys = path.join(path.dirname(require.resolve('@grpc/grpc-js-xds/package.json')), 'deps')

/** google/protobuf/*.proto */
const wellKnown = path.dirname(require.resolve('protobufjs/package.json'))

/** Envoy's HttpStatus.code is an enum of status codes; ours is the number that travels. */
const SAME_ON_THE_WIRE = new Set(['.envoy.type.v3.HttpStatus.code'])

function load(directories: readonly string[]): protobuf.Root {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) =>
    directories
      .map((directory) => path.join(directory, target))
      .find((file) => fs.existsSync(file)) ?? target
  root.loadSync([...ROOTS], { keepCase: true })
  root.resolveAll()
  return root
}

function* messagesOf(namespace: protobuf.NamespaceBase): Generator<protobuf.Type> {
  for (const member of namespace.nestedArray) {
    if (member instanceof protobuf.Type) yield member
    if (member instanceof protobuf.Namespace) yield* messagesOf(member)
  }
}

const describeField = (field: protobuf.Field) => ({
  id: field.id,
  type: field.resolvedType?.fullName ?? field.type,
  repeated: field.repeated,
  oneof: field.partOf?.name ?? null,
})

describe("our subset of Envoy's messages", () => {
  const subset = load([ours, wellKnown])
  const full = load([
    ...['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((name) =>
      path.join(envoys, name),
    ),
    wellKnown,
  ])
  const messages = [...messagesOf(subset)].filter((message) =>
    message.fullName.startsWith('.envoy.'),
  )

  test('is not empty', () => expect(messages.length).toBeGreaterThan(15))

  test.each(messages.map((message) => [message.fullName, message] as const))(
    '%s has the numbers, types and oneofs of Envoy',
    (name, message) => {
      const original = full.lookupType(name)
      for (const field of message.fieldsArray) {
        const theirs = original.fields[field.name]
        expect(theirs, `${name}.${field.name}`).toBeDefined()
        if (!theirs || SAME_ON_THE_WIRE.has(`${name}.${field.name}`)) continue
        expect(describeField(field), `${name}.${field.name}`).toEqual(describeField(theirs))
      }
    },
  )

  test('names the services and methods that Envoy calls', () => {
    for (const name of [
      'envoy.service.ext_proc.v3.ExternalProcessor',
      'envoy.service.accesslog.v3.AccessLogService',
    ]) {
      for (const method of subset.lookupService(name).methodsArray) {
        const theirs = full.lookupService(name).methods[method.name]
        expect([method.requestType, method.responseType, method.requestStream]).toEqual([
          theirs?.requestType,
          theirs?.responseType,
          theirs?.requestStream,
        ])
      }
    }
  })
})
