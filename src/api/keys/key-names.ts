import type { KeyAdmin } from '../../identity/key-admin.ts'

/** Names of an organisation's keys by their ids; of expired and revoked ones too. */
export async function namesOfKeys(
  admin: Pick<KeyAdmin, 'listKeys'>,
  org: string,
): Promise<ReadonlyMap<string, string>> {
  return new Map((await admin.listKeys(org)).map(({ id, name }) => [id, name]))
}
