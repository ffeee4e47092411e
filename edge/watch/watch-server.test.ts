import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WatchServer } from './watch-server.ts';

test('metrics that cannot be read give a failed answer and do not end the gateway', async (t) => {
  const metrics = (): Promise<string> => Promise.reject(new Error('a figure is missing'));
  const server = new WatchServer({ stalled: () => null, lacks: () => [], metrics });
  const port = await server.listen('127.0.0.1:0');
  t.after(() => server.close());
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(60_000) });
  assert.equal((await get('/metrics')).status, 500);
  assert.equal((await get('/health')).status, 200);
});
