import { expect, test } from 'vitest'
import { unchangedMappings } from './release-start-up-pages.ts'

const mapping = (range: string, rights: string, anonymousKb: number, file: string) =>
  `${range} ${rights} 00000000 fe:00 77 ${file}\nSize: 4 kB\nRss: 4 kB\nAnonymous: ${anonymousKb} kB\nVmFlags: rd\n`

test('only pages that are as the file has them are given back', () => {
  const smaps = [
    mapping('1000-3000', 'r--p', 0, '/lib/a.so'),
    mapping('3000-9000', 'r-xp', 0, '/lib/a.so'),
    mapping('9000-a000', 'r--p', 4, '/lib/a.so'),
    mapping('a000-b000', 'rw-p', 0, '/lib/a.so'),
    mapping('b000-c000', 'r-xp', 0, '/lib/b.so'),
    mapping('c000-d000', 'rw-p', 0, ''),
  ].join('')
  expect(unchangedMappings(smaps, '/lib/a.so')).toEqual([
    { start: 0x1000, bytes: 0x2000 },
    { start: 0x3000, bytes: 0x6000 },
  ])
})
