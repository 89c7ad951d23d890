import type { onRequestAsyncHookHandler } from 'fastify'
import type { Site } from './site.ts'

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  'media-src blob:',
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** All that a browser can be asked for and the page does not use; copying needs no entry. */
const PERMISSIONS_POLICY = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'clipboard-read',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'xr-spatial-tracking',
]
  .map((feature) => `${feature}=()`)
  .join(', ')

/** Of everything under `/ui`: no other origin frames, opens, embeds or reads it, nothing foreign runs. */
export function addPageHeaders(site: Site): onRequestAsyncHookHandler {
  return async ({ headers }, reply) => {
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('permissions-policy', PERMISSIONS_POLICY)
      .header('cross-origin-opener-policy', 'same-origin')
      .header('cross-origin-resource-policy', 'same-origin')
    if (site.placeOf(headers.host) === 'secure')
      reply.header('strict-transport-security', 'max-age=31536000')
  }
}
