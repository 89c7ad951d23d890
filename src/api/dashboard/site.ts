import net from 'node:net'

/**
 * What a browser that asked for this `Host` may do:
 * - `secure`: it is the setting dashboard.publicUrl, behind TLS;
 * - `loopback`: its own machine, over plain http;
 * - `insecure`: an address in a network over plain http: it sees the page and cannot sign in;
 * - `foreign`: a name that is not ours. One that was made to point here (DNS rebinding) is among
 *   them, so nothing is answered.
 */
export type Place = 'secure' | 'loopback' | 'insecure' | 'foreign'

export interface Site {
  placeOf(host: string | undefined): Place
  /** The origin of a page that was served under this `Host`. */
  originOf(host: string | undefined): string | null
}

/** `publicUrl`: origin under which people reach the dashboard, https; undefined: loopback alone. */
export function createSite(publicUrl: string | undefined): Site {
  const publicHost = publicUrl === undefined ? null : new URL(publicUrl).host
  const placeOf = (host: string | undefined): Place => {
    if (publicHost !== null && urlOf('https', host)?.host === publicHost) return 'secure'
    const name = urlOf('http', host)?.hostname
    if (name === undefined) return 'foreign'
    if (isLoopback(name)) return 'loopback'
    return net.isIP(name.replace(/^\[|\]$/g, '')) === 0 ? 'foreign' : 'insecure'
  }
  return {
    placeOf,
    originOf: (host) => urlOf(placeOf(host) === 'secure' ? 'https' : 'http', host)?.origin ?? null,
  }
}

/** Null for what is no `Host` alone. */
function urlOf(scheme: string, host: string | undefined): URL | null {
  if (host === undefined || !/^[A-Za-z0-9.:[\]-]+$/.test(host)) return null
  const text = `${scheme}://${host}`
  return URL.canParse(text) ? new URL(text) : null
}

function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    (net.isIPv4(name) && name.startsWith('127.'))
  )
}
