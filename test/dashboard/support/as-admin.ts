import type { FlintUnderTest } from '../../support/flint.ts'

type Asked = Pick<FlintUnderTest, 'baseUrl' | 'key'>

/** JSON of the API's answer, asked with the key of all scopes, as a program would. */
export async function asAdmin<Body>(
  { baseUrl, key }: Asked,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<Body> {
  const response = await fetch(`${baseUrl}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Body
}

/** A new key with these scopes. */
export async function makeKey(flint: Asked, name: string, scopes: readonly string[]) {
  return await asAdmin<{ id: string; key: string }>(flint, 'POST', '/keys', { name, scopes })
}
