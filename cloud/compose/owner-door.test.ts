import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashed } from '../access/people-reader.ts';
import type { Caller } from '../access/caller.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { buildRegion } from '../../simulators/region/region.ts';
import { openOwnerDoor } from './owner-door.ts';

const caller = (name: string, scopes: Caller['scopes'], targets: Caller['targets'] = '*'): Caller => ({
  name,
  scopes,
  targets,
  requestsPerSecond: 1,
});
const callers = new Map([
  [hashed('reads'), caller('prometheus', ['planner:read'])],
  [hashed('writes'), caller('writer', ['planner:write'])],
  [hashed('narrow'), caller('owd alone', ['planner:read'], ['substation:owd'])],
]);

test('an owner without page and API answers metrics, to a token that may read', async (t) => {
  const failures: unknown[] = [];
  let metrics = async (): Promise<string> => 'loadstone_events 7\n';
  const door = await openOwnerDoor({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    health: async () => ({ store: 'ok', broker: 'ok', clock: 'ok', disk: 'ok' }),
    metrics: () => metrics(),
    callerOfTokenHash: (hash) => callers.get(hash),
    region: buildRegion(['owd', 'whf']),
    time: new VirtualClock(0).machine,
    onFailure: (error) => failures.push(error),
  });
  t.after(() => door.close());
  const ask = async (path: string, authorization?: string): Promise<readonly [number, string]> => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await fetch(`http://127.0.0.1:${door.port}${path}`, { headers });
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await ask('/metrics', 'Bearer reads'), [200, 'loadstone_events 7\n']);
  for (const [authorization, status] of [
    [undefined, 401],
    ['Bearer guessed', 401],
    ['Bearer writes', 403],
    ['Bearer narrow', 403],
  ] as const)
    assert.equal((await ask('/metrics', authorization))[0], status, String(authorization));
  assert.equal((await ask('/health'))[0], 200);
  assert.equal((await ask('/v1/view/region', 'Bearer reads'))[0], 503);
  metrics = () => Promise.reject(new Error('a bug'));
  assert.equal((await ask('/metrics', 'Bearer reads'))[0], 500);
  assert.equal(failures.length, 1);
});
