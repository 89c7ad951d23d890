import { expect, test } from 'vitest'
import { fileName } from './save-as.ts'

test.each([
  ['report 2026.pdf', 'report_2026.pdf'],
  ['../../etc/passwd', 'etc_passwd'],
  ['.bashrc', 'bashrc'],
  ['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
  ['<script>', 'script_'],
  ['..', 'file'],
])('a file named %j is saved as %j', (name, saved) => {
  expect(fileName(name)).toBe(saved)
})
