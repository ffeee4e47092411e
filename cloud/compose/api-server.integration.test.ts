import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { CallLine } from '../compute/thread-calls.ts';
import { listen } from '../ingest/listen.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { Heard, serveApi } from './api-server.ts';
import { readStores } from './read-stores.ts';
import { closeStores, makeStores, openStores } from './stores.ts';
import { apiStart } from './testing/api-start.ts';

/** An api role whose owner answers once the test allows it, with a position beyond what the role has received. */
async function served(t: TestContext, port = 0) {
  const data = await mkdtemp(join(tmpdir(), 'api-server-'));
  const stores = makeStores(data, dataFiles(data), () => undefined);
  await openStores(stores);
  t.after(async () => {
    closeStores(stores);
    await rm(data, { recursive: true, force: true });
  });
  const asked: string[] = [];
  const begun = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  let hear: (message: never) => void = () => undefined;
  const calls: CallLine = {
    post: (message) => {
      const { id, path } = message as { readonly id: number; readonly path: readonly string[] };
      asked.push(path.join('.'));
      begun.resolve();
      void mayAnswer.promise.then(() => hear({ id, stamp: 5, value: undefined } as never));
    },
    onMessage: (listener) => void (hear = listener),
    onLost: () => undefined,
  };
  let readsAreOpen = false;
  const server = serveApi({
    start: apiStart(testRegion('owd'), port),
    heard: new Heard(),
    reads: () => {
      readsAreOpen = true;
      return { ...readStores({ data }, []), close: async () => void (readsAreOpen = false) };
    },
    calls,
    failed: assert.ifError,
  });
  return { server, asked, begun: begun.promise, mayAnswer, readsAreOpen: () => readsAreOpen };
}

test('an act in progress at the stop is recorded, although plans and settings in force are no longer followed', async (t) => {
  const { server, asked, begun, mayAnswer } = await served(t);
  const api = await server;
  const init = { method: 'DELETE', headers: { authorization: 'Bearer own' } };
  void fetch(`http://127.0.0.1:${api.port}/v1/users/somebody`, init).catch(() => undefined);
  await begun;
  const closed = api.close();
  mayAnswer.resolve();
  await closed;
  assert.deepEqual(asked, ['people.removeUser', 'audit.append']);
});

test('if the port is in use, nothing stays open', async (t) => {
  const other = createServer();
  const port = await listen(other, { host: '127.0.0.1', port: 0, key: 'api.port' }, assert.ifError);
  t.after(() => other.close());
  const { server, readsAreOpen } = await served(t, port);
  await assert.rejects(server, { code: 'EADDRINUSE' });
  assert.equal(readsAreOpen(), false);
});
