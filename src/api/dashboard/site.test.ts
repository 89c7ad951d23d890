import { expect, test } from 'vitest'
import { createSite, type Place } from './site.ts'

const site = createSite('https://Flint.example.com/')

test.each<[string | undefined, Place]>([
  ['flint.example.com', 'secure'],
  ['flint.example.com:443', 'secure'],
  ['FLINT.example.com', 'secure'],
  ['flint.example.com:8080', 'foreign'],
  ['localhost:8080', 'loopback'],
  ['flint.localhost', 'loopback'],
  ['127.0.0.1:8080', 'loopback'],
  ['127.1', 'loopback'],
  ['[::1]:8080', 'loopback'],
  ['10.0.0.1:8080', 'insecure'],
  ['[fd00::1]', 'insecure'],
  ['localhost.example.com', 'foreign'],
  ['127.0.0.1.example.com', 'foreign'],
  ['localhost@evil.example', 'foreign'],
  ['localhost/', 'foreign'],
  ['', 'foreign'],
  [undefined, 'foreign'],
])('a browser that asked for Host %s is at a place that is %s', (host, place) => {
  expect(site.placeOf(host)).toBe(place)
})

test('without dashboard.publicUrl no name but those of the machine itself is known', () => {
  expect(createSite(undefined).placeOf('flint.example.com')).toBe('foreign')
  expect(createSite(undefined).placeOf('localhost')).toBe('loopback')
})

test('the origin of a page is https where TLS is in front, and http else', () => {
  expect(site.originOf('flint.example.com:443')).toBe('https://flint.example.com')
  expect(site.originOf('localhost:8080')).toBe('http://localhost:8080')
  expect(site.originOf('localhost:80')).toBe('http://localhost')
  expect(site.originOf('local host')).toBeNull()
})
