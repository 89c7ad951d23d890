import type { PathRule, ProviderDefinition } from './provider.ts'

/**
 * All rules for a provider's paths, in the order in which they are tried: its own, and one for a
 * base path that came twice.
 */
export function pathRulesOf({
  basePath,
  pathRules,
}: Pick<ProviderDefinition, 'basePath' | 'pathRules'>): readonly PathRule[] {
  return basePath === ''
    ? pathRules
    : [...pathRules, { from: `${basePath}${basePath}`, to: basePath }]
}

/**
 * The path as the provider sees it, of one without its query as it came after the provider's name;
 * it begins with a slash.
 */
export function canonicalPath(
  definition: Pick<ProviderDefinition, 'basePath' | 'pathRules'>,
  path: string,
): string {
  const rule = pathRulesOf(definition).find(
    ({ from }) => path === from || path.startsWith(`${from}/`),
  )
  if (rule !== undefined) return rule.to + path.slice(rule.from.length)
  // Clients that leave the base path out are as usual as those that send it.
  const { basePath } = definition
  return path.startsWith(`${basePath}/`) ? path : basePath + path
}
