/** One call, as a client of the API makes it. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** API key for `Authorization: Bearer`. */
  readonly key?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  /** The body, parsed where it is JSON; else undefined. */
  readonly body: Body;
}

export interface HttpClient {
  call<Body = unknown>(call: HttpCall): Promise<HttpAnswer<Body>>;
}

/** A client over `fetch`, as a brand's own program would use. */
export class FetchClient implements HttpClient {
  readonly #base: string;

  /** @param base URL without a trailing slash. */
  constructor(base: string) {
    this.#base = base;
  }

  async call<Body = unknown>({ method, path, key, body, headers }: HttpCall): Promise<HttpAnswer<Body>> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as Body,
    };
  }
}
