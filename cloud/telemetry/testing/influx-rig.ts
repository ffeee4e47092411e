import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { startInflux, type RunningInflux } from '../../../simulators/testing/debian.ts';
import { InfluxStore, type InfluxStoreOptions } from '../influx-store.ts';

/** A request at a proxy of an InfluxDB. */
export interface Asked {
  readonly body: string;
  /** InfluxQL, if it is a query. */
  readonly statement: string;
  /** Sends this body on to the server. */
  readonly send: (body: string) => Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly content: Buffer;
}

/** Hooks of a proxy of an InfluxDB. */
export interface AtDoor {
  /**
   * Called before a request is passed on. It may answer in the server's place, or return an error for a statement; if it throws, the
   * connection is cut.
   */
  readonly asked?: (asked: Asked) => Promise<Answer | void> | string | undefined | void;
  readonly answered?: (method: string, content: Buffer) => void;
}

/** A real InfluxDB of its own for the tests of a file. */
export class InfluxRig {
  readonly dir: string;
  #server: RunningInflux | undefined;

  constructor(name: string) {
    this.dir = mkdtempSync(join(tmpdir(), `loadstone-${name}-`));
    before(async () => void (this.#server = await startInflux({ dir: this.dir })));
    after(async () => {
      await this.server.kill();
      rmSync(this.dir, { recursive: true, force: true });
    });
  }

  get url(): string {
    return this.server.url;
  }

  get server(): RunningInflux {
    return this.#server!;
  }

  store(database: string, options: Partial<InfluxStoreOptions> = {}): InfluxStore {
    return new InfluxStore({ url: this.url, database, create: true, ...options });
  }

  /** A store, open for the duration of a test. */
  async opened(t: TestContext, database: string, options?: Partial<InfluxStoreOptions>): Promise<InfluxStore> {
    const store = this.store(database, options);
    await store.open();
    t.after(() => store.close());
    return store;
  }

  /** The rows of the server's answer to a statement. */
  async rows(database: string, q: string): Promise<unknown[][]> {
    const answer = await fetch(`${this.url}/query`, { method: 'POST', body: new URLSearchParams({ db: database, q }) });
    const { results } = (await answer.json()) as { results: { error?: string; series?: { values: unknown[][] }[] }[] };
    assert.equal(results[0]?.error, undefined);
    return results[0]?.series?.flatMap(({ values }) => values) ?? [];
  }

  /** The address of a proxy for the duration of a test. */
  async door(t: TestContext, at: AtDoor): Promise<string> {
    const door = createServer((request, response) => {
      this.#pass(request, at).then(
        ({ status, type, content }) => response.writeHead(status, { 'content-type': type }).end(content),
        () => response.destroy(),
      );
    });
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    t.after(() => {
      door.close();
      door.closeAllConnections();
    });
    return `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  }

  async #pass(request: IncomingMessage, { asked, answered }: AtDoor): Promise<Answer> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const content = Buffer.concat(parts);
    const { method = 'GET', url = '/' } = request;
    const send = async (body: string | Buffer): Promise<Answer> => {
      const answer = await fetch(`${this.url}${url}`, { method, ...(body.length > 0 && { body }) });
      const type = answer.headers.get('content-type') ?? 'text/plain';
      return { status: answer.status, type, content: Buffer.from(await answer.arrayBuffer()) };
    };
    const statement = new URL(url, this.url).searchParams.get('q') ?? '';
    const met = await asked?.({ body: content.toString(), statement, send });
    const answer = typeof met === 'string' ? refused(met) : (met ?? (await send(content)));
    answered?.(method, answer.content);
    return answer;
  }
}

const refused = (error: string): Answer => ({
  status: 200,
  type: 'application/json',
  content: Buffer.from(JSON.stringify({ results: [{ statement_id: 0, error }] })),
});
