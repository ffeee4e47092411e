import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRig } from '../cycle/testing/rig.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { WatchServer } from './watch-server.ts';

test('/health reports whether the gateway works and what it lacks; /metrics is in Prometheus format', async (t) => {
  const world = await makeRig();
  await world.run(5);
  let stalled: string | null = null;
  const lacks = ['trust.keysFile: no key is pinned'];
  const server = new WatchServer({
    stalled: () => stalled,
    lacks: () => lacks,
    metrics: gatewayMetrics(() => world.gateway.status()),
  });
  const port = await server.listen('127.0.0.1:0');
  t.after(() => server.close());
  const get = (path: string, method = 'GET'): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { method });

  const good = await get('/health');
  assert.deepEqual([good.status, await good.json()], [200, { status: 'ok', stalled: null, lacks }]);
  stalled = 'the loop has not ticked for 5 s';
  const bad = await get('/health');
  assert.deepEqual([bad.status, ((await bad.json()) as { stalled: string }).stalled], [503, stalled]);

  const text = await (await get('/metrics')).text();
  for (const line of [
    /^loadstone_device_up\{device="battery-1"\} 1$/m,
    /^loadstone_device_active_power_kilowatts\{device="transformer"\} 300$/m,
    /^loadstone_mode\{mode="automatic"\} 1$/m,
    /^loadstone_cycles_total \d+$/m,
    /^# HELP loadstone_backlog_frames frames/m,
    /^process_resident_memory_bytes \d{6,}/m,
  ])
    assert.match(text, line);
  assert.deepEqual([(await get('/')).status, (await get('/metrics', 'POST')).status], [404, 405]);
});

test('an address in use fails with its reason and can be retried', async (t) => {
  const sources = { stalled: () => null, lacks: () => [], metrics: async () => '' };
  const [first, second] = [new WatchServer(sources), new WatchServer(sources)];
  t.after(() => Promise.all([first.close(), second.close()]));
  const port = await first.listen('127.0.0.1:0');
  await assert.rejects(second.listen(`127.0.0.1:${port}`), /EADDRINUSE/);
  await first.close();
  assert.equal(await second.listen(`127.0.0.1:${port}`), port);
});
