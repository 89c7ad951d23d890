/** The key of the provider in tests that need one and no more of it. */
export const PROVIDER_KEY = 'sk-provider-0123456789abcd'
