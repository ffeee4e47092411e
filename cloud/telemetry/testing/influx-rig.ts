import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { freePort, startInflux, type RunningServer } from '../../../simulators/testing/debian.ts';

/** What passes a door of an InfluxDB: the body of a request before it goes on, and what is answered to it. */
export interface AtDoor {
  readonly asked?: (body: string) => Promise<void>;
  readonly answered?: (method: string, content: Buffer) => void;
}

/** A real InfluxDB of its own for the tests of a file. */
export class InfluxRig {
  readonly dir: string;
  #server: RunningServer | undefined;

  constructor(name: string) {
    this.dir = mkdtempSync(join(tmpdir(), `loadstone-${name}-`));
    before(() => this.start());
    after(async () => {
      await this.kill();
      rmSync(this.dir, { recursive: true, force: true });
    });
  }

  get url(): string {
    return this.#server!.url;
  }

  /** Goes on with its data, at the same port. */
  async start(): Promise<void> {
    this.#server = await startInflux({ port: this.#server?.port ?? (await freePort()), dir: this.dir });
  }

  kill(): Promise<void> {
    return this.#server!.stop('SIGKILL');
  }

  /** The address of a door before it, for the time of a test. */
  async door(t: TestContext, { asked, answered }: AtDoor): Promise<string> {
    const door = createServer((request, response) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const body = Buffer.concat(parts);
        await asked?.(body.toString());
        const { method = 'GET' } = request;
        const answer = await fetch(`${this.url}${request.url}`, { method, ...(body.length > 0 && { body }) });
        const content = Buffer.from(await answer.arrayBuffer());
        answered?.(method, content);
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
        response.end(content);
      })();
    });
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    t.after(() => door.close());
    return `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  }
}
