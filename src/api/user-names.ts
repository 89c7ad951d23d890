import { nameOfUser, userId } from '../identity/user.ts'
import type { UserNames } from '../store/identity/user-names.ts'

/** What people call the users of an organisation, by their ids. */
export async function namesOfUsers(
  users: UserNames,
  org: string,
): Promise<ReadonlyMap<string, string>> {
  return new Map((await users.listUsers(org)).map((user) => [userId(user), nameOfUser(user)]))
}
