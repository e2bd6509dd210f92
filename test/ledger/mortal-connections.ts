import { once } from 'node:events';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';

/** How a process fails at one of its steps: a statement, or something it does beside the database. */
export type Fault =
  /** It is gone before the step. */
  | 'dies before'
  /** The step is done, and the process is gone before it learns so. */
  | 'dies after'
  /** The step is done, its connection breaks, and the process lives on without knowing. */
  | 'loses the acknowledgement of';

type Run = (text: string, values?: unknown[]) => Promise<unknown>;
type Connect = (done: (error: Error) => void) => void;

/**
 * The database connections of one process, which fail on command. To the server a dead process looks as if killed: its
 * sockets are closed and nothing more is sent, not even a roll-back.
 */
export class MortalConnections {
  /** Statements that the server executed and other steps that were done, until the fault. */
  readonly executed: string[] = [];
  readonly #clients = new Set<Client>();
  /** Statements and connections refused because of `cut`. */
  refused = 0;
  #plan: { readonly at: number; readonly fault: Fault } | undefined;
  #counting = false;
  #seen = 0;
  #reachable = true;

  /** Class of the clients, for the pool's `Client` option. */
  readonly Client = this.#clientClass();

  /** Counts steps from here on, and fails at number `at` (from 1) where given. */
  arm(at?: number, fault: Fault = 'dies before'): void {
    this.#counting = true;
    this.#plan = at === undefined ? undefined : { at, fault };
  }

  /** Closes every connection and lets none be made until `heal`. */
  cut(): void {
    this.#reachable = false;
    for (const client of this.#clients) closeSocket(client);
  }

  heal(): void {
    this.#reachable = true;
  }

  #refusal(): Error {
    this.refused++;
    return unreachable();
  }

  #clientClass(): typeof Client {
    const admit = (client: Client): void => this.#admit(client);
    return class MortalClient extends Client {
      constructor(config?: string | ClientConfig) {
        super(config);
        admit(this);
      }
    };
  }

  #admit(client: Client): void {
    this.#clients.add(client);
    const connect = client.connect.bind(client) as Connect;
    const query = client.query.bind(client) as Run;
    // The pool calls `connect` with a callback, TypeORM calls `query` for a promise; nobody calls them otherwise.
    Object.assign(client, {
      connect: (done: (error: Error) => void): void => (this.#reachable ? connect(done) : done(this.#refusal())),
      query: (text: string, values?: unknown[]): Promise<unknown> =>
        this.#run(
          text,
          () => query(text, values),
          () => broken(client),
        ),
    });
  }

  /** Something the process does beside the database. A dead one does nothing. */
  async step<T>(text: string, work: () => Promise<T>): Promise<T> {
    return await this.#run(text, work, () => Promise.resolve());
  }

  async #run<T>(text: string, work: () => Promise<T>, disconnect: () => Promise<void>): Promise<T> {
    const fault = this.#counting && ++this.#seen === this.#plan?.at ? this.#plan.fault : undefined;
    if (fault !== undefined) this.#counting = false;
    if (fault === 'dies before') this.cut();
    if (!this.#reachable) throw this.#refusal();
    const result = await work();
    if (this.#counting || fault !== undefined) this.executed.push(text);
    if (fault === undefined) return result;
    if (fault === 'dies after') this.cut();
    else await disconnect();
    throw unreachable();
  }
}

const unreachable = (): Error => new Error('Connection terminated unexpectedly');

/** Breaks one connection; resolves when its owner has noticed. */
async function broken(client: Client): Promise<void> {
  const noticed = once(client, 'end');
  closeSocket(client);
  await noticed;
}

function closeSocket(client: Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy: () => void } } };
  connection.stream.destroy();
}
