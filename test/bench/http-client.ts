import { Agent, request } from 'node:http';

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** How long one call may take, milliseconds. */
const CALL_MS = 30_000;

/** Keeps up to `connections` connections open. Call `destroy()` on it at the end. */
export const keepAlive = (connections: number): Agent =>
  new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });

/** One call on a kept connection. */
export function call(agent: Agent, { method, url, headers, body }: HttpCall): Promise<HttpAnswer> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const contentHeaders =
    content === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(content)) };
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const sent = request(url, { agent, method, headers: { ...headers, ...contentHeaders }, timeout: CALL_MS });
  sent.once('error', reject);
  sent.once('timeout', () => sent.destroy(new Error(`no answer within ${CALL_MS} ms`)));
  sent.once('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    response.once('error', reject);
  });
  sent.end(content);
  return promise;
}

/** A call that must give a status; its body. */
export async function expectJson(agent: Agent, wanted: HttpCall, status: number): Promise<Record<string, unknown>> {
  const answer = await call(agent, wanted);
  if (answer.status !== status)
    throw new Error(`${wanted.url} gave ${answer.status}, must give ${status}: ${answer.text}`);
  return JSON.parse(answer.text) as Record<string, unknown>;
}
