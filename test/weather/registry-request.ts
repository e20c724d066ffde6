/** What the registry says of its own will. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const said = {
  busy: [429, 'TOOMANYREQUESTS', 'Rate exceeded'],
  failing: [500, 'UNKNOWN', 'unknown error'],
  expired: [401, 'UNAUTHORIZED', 'Your authorization token has expired. Reauthenticate and try again.'],
} as const;

/** In the registry protocol's words; ECR's own where those differ. */
export function registryRefusal(kind: keyof typeof said): Refusal {
  const [status, code, message] = said[kind];
  const headers = { 'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0' };
  return {
    status,
    headers: kind === 'expired' ? { ...headers, 'www-authenticate': 'Basic realm="ecr"' } : headers,
    body: JSON.stringify({ errors: [{ code, message }] }),
  };
}

/** What a load balancer says while nothing is behind it. */
export const badGateway: Refusal = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: '<html><body><b>Http/1.1 Service Unavailable</b></body> </html>',
};

/**
 * The registry's token ends in the middle of a push, once: at the given upload of a layer, and until a fresh one was
 * handed out. Who brings no token is asked for one as ever.
 */
export class Expiry {
  #uploadsLeft: number;
  #expired = false;

  constructor(atUpload: number) {
    this.#uploadsLeft = atUpload;
  }

  /** Whether this request's token is refused. */
  refuses(method: string, path: string, hasToken: boolean): boolean {
    if (method === 'POST' && path.includes('/blobs/uploads/') && --this.#uploadsLeft === 0) this.#expired = true;
    return this.#expired && hasToken;
  }

  renewed(): void {
    this.#expired = false;
  }
}
