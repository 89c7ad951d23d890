/**
 * Every error Flint itself answers with: one catalogue for the gate, Envoy's local replies, the
 * REST API and the docs. The body is the shape that the OpenAI, Anthropic and Gemini SDKs all
 * parse.
 */
export const ERRORS = {
  unknown_provider: {
    status: 400,
    message:
      'The provider in the URL is not configured, or no path follows it: the URL is /v1/proxy/<provider>/<path>, as /v1/proxy/openai/v1/models.',
  },
  missing_provider_key: {
    status: 400,
    message:
      'x-provider-key header is absent: send the key of the AI provider in it, or `<provider key>.<Flint key>` as the one key of your client.',
  },
  invalid_request: { status: 400, message: 'The request is not valid.' },
  invalid_api_key: {
    status: 401,
    message:
      'The Flint key is missing, unknown, expired or revoked: send `Authorization: Bearer flnt_live_...` (calls to providers also take `x-flint-key: flnt_live_...`).',
  },
  not_signed_in: {
    status: 401,
    message: 'You are not signed in, or your session has ended: sign in at /ui/signin.',
  },
  forbidden: { status: 403, message: 'This Flint key does not have the scope for this.' },
  not_found: {
    status: 404,
    message: 'There is nothing here.',
  },
  conflict: { status: 409, message: 'The request conflicts with an earlier one.' },
  misdirected: {
    status: 421,
    message: 'The dashboard is not served under this host name: set dashboard.publicUrl.',
  },
  rate_limited: { status: 429, message: 'Too many requests: retry after the time in Retry-After.' },
  upstream_error: {
    status: 502,
    message: 'The provider could not be reached, broke the connection or timed out.',
  },
  audit_unavailable: {
    status: 503,
    message:
      'The audit service is not available; a call to a provider was not forwarded. Retry later.',
  },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof ERRORS

export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode
    readonly message: string
    readonly type: 'flint_error'
    readonly reason?: string
  }
}

/**
 * `message` replaces the catalogue's text where a field or setting can be named; `reason` is a
 * machine-readable detail.
 */
export function errorBody(
  code: ErrorCode,
  message: string = ERRORS[code].message,
  reason?: string,
): ErrorBody {
  return {
    error: { code, message, type: 'flint_error', ...(reason === undefined ? {} : { reason }) },
  }
}

/** Thrown where a request must end in one of the catalogue's answers. */
export class FlintError extends Error {
  readonly code: ErrorCode
  readonly reason: string | undefined
  constructor(
    code: ErrorCode,
    message?: string,
    options: { reason?: string; cause?: unknown } = {},
  ) {
    super(
      message ?? ERRORS[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'FlintError'
    this.code = code
    this.reason = options.reason
  }
}
