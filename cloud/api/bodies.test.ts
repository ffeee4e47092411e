import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { ActingWorld } from '../desk/testing/acting-world.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { buildApi } from './app.ts';
import { fixtureDeps, START, TOKEN } from './testing/api-fixture.ts';

const clock = new VirtualClock(START);
const region = testRegion('owd');
const world = new ActingWorld(region, clock);
const { app } = await buildApi(fixtureDeps(world.deps(region, clock)));
after(() => app.close());

const headers = { host: 'localhost', authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
const post = async (url: string, payload: string) => {
  const answer = await app.inject({ method: 'POST', url, headers, payload });
  return { status: answer.statusCode, code: answer.json().code as string | undefined };
};
const select = (activePowerKw: string, durationS = '600') =>
  post(
    '/v1/devices/owd-01/battery-1/select',
    `{"setpoint":{"activePowerKw":${activePowerKw}},"durationS":${durationS},"reason":"relieve the feeder"}`,
  );

test('body values are not coerced: null, true, quoted numbers and single items are rejected', async () => {
  assert.equal((await select('-5')).status, 200);
  for (const odd of ['null', 'true', 'false', '"5"', '""', '[5]', '{}', '1e309', 'NaN'])
    assert.deepEqual([odd, await select(odd)], [odd, { status: 400, code: 'LS-API-001' }]);
  assert.equal((await select('-5', '"600"')).code, 'LS-API-001');
  assert.equal((await post('/v1/areas/take', '{"areas":"region:north"}')).code, 'LS-API-001');
  assert.equal((await post('/v1/acts', '{"kind":"tag","target":"feeder:owd-1","reason":12345}')).code, 'LS-API-001');
});

test('query text is converted to the type its route declares', async () => {
  const answer = await app.inject({ url: '/v1/devices?limit=1', headers });
  assert.equal(answer.json().items.length, 1);
  const effect = await app.inject({ url: '/v1/devices/owd-01/battery-1/effect?activePowerKw=-5', headers });
  assert.notEqual(effect.json().code, 'LS-API-001');
  assert.equal((await app.inject({ url: '/v1/devices?limit=many', headers })).json().code, 'LS-API-001');
});
