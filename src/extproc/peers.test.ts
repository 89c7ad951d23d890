import { describe, expect, test } from 'vitest'
import { createPeerOf, spiffeIdIn } from './peers.ts'

const EGRESS = 'spiffe://cluster.local/ns/istio-system/sa/egress'
const peerOf = createPeerOf({
  gateways: [EGRESS],
  sidecars: ['spiffe://cluster.local/ns/lab/*', 'spiffe://cluster.local/ns/istio-system/*'],
})
const shown = (subjectAltName: string | undefined, authorized = true) =>
  peerOf({ authorized, getPeerX509Certificate: () => ({ subjectAltName }) as never })

describe('a proxy is let in by the SPIFFE ID of its certificate', () => {
  test('as a gateway before as a sidecar', () => {
    expect(shown(`URI:${EGRESS}, IP Address:10.0.0.1`)).toEqual({
      ...{ spiffeId: EGRESS, role: 'gateway' },
    })
    expect(shown('URI:spiffe://cluster.local/ns/lab/sa/a')).toMatchObject({ role: 'sidecar' })
  })

  test.each([
    ['of another namespace', 'URI:spiffe://cluster.local/ns/laboratory/sa/a'],
    ['of another trust domain', 'URI:spiffe://evil.local/ns/lab/sa/a'],
    ['of a longer name', `URI:${EGRESS}-2`.replace('istio-system', 'istio')],
    ['that is no SPIFFE ID', 'URI:https://cluster.local/ns/lab/sa/a'],
    ['of two', `URI:${EGRESS}, URI:spiffe://cluster.local/ns/lab/sa/a`],
    ['with dot segments', 'URI:spiffe://cluster.local/ns/lab/../istio-system/sa/egress'],
    ['of none', 'DNS:egress.istio-system.svc'],
    ['without names', undefined],
  ])('and not %s', (_name, names) => expect(shown(names)).toBeNull())

  test('and not with one that was not checked', () =>
    expect(shown(`URI:${EGRESS}`, false)).toBeNull())
})

test('a name that only holds one as text is no SPIFFE ID', () => {
  // How Node writes a DNS name with a comma in it.
  expect(spiffeIdIn(`DNS:"a, URI:${EGRESS}, b"`)).toBeNull()
  expect(spiffeIdIn(`DNS:a.b, URI:"${EGRESS}, x"`)).toBeNull()
})
