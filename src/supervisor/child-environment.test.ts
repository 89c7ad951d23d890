import { expect, test } from 'vitest'
import { childEnvironment } from './child-environment.ts'

const ENV = {
  PATH: '/bin',
  LC_ALL: 'C',
  NODE_EXTRA_CA_CERTS: 'ca.pem',
  OPENAI_API_KEY: 'secret',
  DATABASE_URL: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  FLINT_PORT: '8080',
  FLINT_API_KEY: 'secret',
  FLINT_BOOTSTRAP_KEY: 'secret',
  FLINT_KEY_PEPPER: 'secret',
  FLINT_OPERATOR_KEY_FILE: '/run/secrets/operator',
  FLINT_CLICKHOUSE_PASSWORD: 'secret',
  FLINT_S3_SECRET_ACCESS_KEY: 'secret',
}
const BASE = ['PATH', 'LC_ALL', 'NODE_EXTRA_CA_CERTS']

test.each([
  ['envoy', []],
  ['clickhouse', []],
  ['observer', ['FLINT_PORT', 'FLINT_KEY_PEPPER']],
  ['gate', ['FLINT_PORT', 'FLINT_KEY_PEPPER', 'FLINT_CLICKHOUSE_PASSWORD']],
  [
    'delivery',
    [
      'AWS_SECRET_ACCESS_KEY',
      'FLINT_PORT',
      'FLINT_KEY_PEPPER',
      'FLINT_CLICKHOUSE_PASSWORD',
      'FLINT_S3_SECRET_ACCESS_KEY',
    ],
  ],
  [
    'api',
    [
      'AWS_SECRET_ACCESS_KEY',
      'FLINT_PORT',
      'FLINT_KEY_PEPPER',
      'FLINT_OPERATOR_KEY_FILE',
      'FLINT_CLICKHOUSE_PASSWORD',
      'FLINT_S3_SECRET_ACCESS_KEY',
    ],
  ],
])('%s gets what it reads and nothing else', (name, its) => {
  expect(Object.keys(childEnvironment(name, ENV)).toSorted()).toEqual([...BASE, ...its].toSorted())
})
