import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, memoryAudit, openedPeople, smallRegion, START } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

async function rig() {
  const region = smallRegion();
  const desk = new AlarmRig({ region, startMs: START });
  await desk.started;
  const audit = memoryAudit();
  const people = openedPeople();
  await people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'anna-password');
  await people.ensureUser({ name: 'owd', roles: ['operator'], areas: ['substation:owd'] }, 'owd-password');
  const { clock, alarms } = desk;
  const { app } = await buildApi(fixtureDeps({ region, clock, alarms, audit, people }));
  after(() => app.close());
  await desk.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1' });
  await desk.tell('whf-01', { code: 'LS-CONTROL-004', subject: 'unmet:transformer', severity: 'high' });
  await desk.tell('cloud', { code: 'LS-STORE-001', active: true, severity: 'high' }, true);
  await clock.advance(60_000);
  const as = async (user: string) => {
    const headers = await signedIn(people, user);
    return (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) =>
      app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  };
  const ids = (items: readonly { id: number; source: string }[]) =>
    new Map(items.map(({ id, source }) => [source, id]));
  return { desk, audit, as, ids };
}

test('alarms are listed by urgency, paged and searched; acknowledging, shelving and suppressing are audited', async () => {
  const { audit, as, ids, desk } = await rig();
  const anna = await as('anna');
  const list = await anna('GET', '/v1/alarms');
  const items = list.json().items as { id: number; source: string; priority: number }[];
  assert.deepEqual(
    items.map(({ priority }) => priority),
    [1, 2, 2],
  );
  const page = (await anna('GET', '/v1/alarms?limit=2')).json();
  assert.equal(page.items.length, 2);
  assert.equal((await anna('GET', `/v1/alarms?limit=2&cursor=${page.nextCursor}`)).json().items.length, 1);
  assert.equal((await anna('GET', '/v1/alarms?q=pv-1')).json().items.length, 1);
  assert.equal((await anna('GET', '/v1/alarms?state=shelved&state=suppressed')).json().items.length, 0);
  const id = ids(items).get('owd-01')!;

  const seen = await anna('POST', '/v1/alarms/acknowledge', { ids: [id] });
  assert.equal(seen.json().items[0].state, 'acknowledged');
  assert.equal(seen.json().items[0].acknowledged.by, 'anna');
  const shelf = await anna('POST', `/v1/alarms/${id}/shelve`, { minutes: 60, reason: 'inverter is being changed' });
  assert.equal(shelf.json().state, 'shelved');
  assert.equal((await anna('POST', `/v1/alarms/${id}/unshelve`)).json().state, 'acknowledged');
  assert.equal((await anna('POST', `/v1/alarms/${id}/unshelve`)).json().code, 'LS-API-005');
  const out = await anna('PUT', `/v1/alarms/${id}/out-of-service`, { reason: 'sensor is being changed' });
  assert.equal(out.json().state, 'out-of-service');
  assert.equal((await anna('DELETE', `/v1/alarms/${id}/out-of-service`)).json().state, 'unacknowledged');
  assert.deepEqual(
    audit.entries.map(({ who, what, on, why, outcome }) => [who, what, on, why, outcome]),
    [
      ['anna', 'POST /v1/alarms/acknowledge', `alarms:${id}`, undefined, 'done'],
      ['anna', 'POST /v1/alarms/:id/shelve', `alarm:${id} substation:owd`, '60 min: inverter is being changed', 'done'],
      ['anna', 'POST /v1/alarms/:id/unshelve', `alarm:${id} substation:owd`, undefined, 'done'],
      ['anna', 'POST /v1/alarms/:id/unshelve', `alarm:${id} substation:owd`, undefined, 'LS-API-005'],
      ['anna', 'PUT /v1/alarms/:id/out-of-service', `alarm:${id} substation:owd`, 'sensor is being changed', 'done'],
      ['anna', 'DELETE /v1/alarms/:id/out-of-service', `alarm:${id} substation:owd`, undefined, 'done'],
    ],
  );
  assert.equal((await anna('GET', '/v1/alarms/figures')).json().told, 3);
  assert.ok((await anna('GET', '/v1/alarms/rules')).json().items.length > 10);
  await desk.close();
});

test('an operator acts only on alarms of their area; a batch with a foreign alarm changes nothing', async () => {
  const { as, ids, desk } = await rig();
  const owd = await as('owd');
  const items = (await owd('GET', '/v1/alarms')).json().items as { id: number; source: string }[];
  const own = ids(items).get('owd-01')!;
  const foreign = ids(items).get('whf-01')!;
  const mixed = await owd('POST', '/v1/alarms/acknowledge', { ids: [own, foreign] });
  assert.equal(mixed.statusCode, 403);
  assert.equal(desk.alarms.get(own).state, 'unacknowledged');
  assert.equal((await owd('POST', `/v1/alarms/${foreign}/shelve`, { minutes: 5, reason: 'not mine' })).statusCode, 403);
  assert.equal((await owd('POST', '/v1/alarms/acknowledge', { ids: [own] })).statusCode, 200);
  const store = ids(items).get('cloud')!;
  assert.equal((await owd('POST', '/v1/alarms/acknowledge', { ids: [store] })).statusCode, 403);
  await desk.close();
});

test('a missing reason, more than twelve hours, an unknown alarm and a reversed span are rejected', async () => {
  const { as, desk } = await rig();
  const anna = await as('anna');
  const code = async (...request: Parameters<typeof anna>) => {
    const answer = await anna(...request);
    return [answer.statusCode, answer.json().code];
  };
  assert.deepEqual(await code('POST', '/v1/alarms/1/shelve', { minutes: 5 }), [400, 'LS-API-001']);
  assert.deepEqual(await code('POST', '/v1/alarms/1/shelve', { minutes: 721, reason: 'too long' }), [
    400,
    'LS-API-001',
  ]);
  assert.deepEqual(await code('POST', '/v1/alarms/99/unshelve'), [404, 'LS-API-004']);
  assert.deepEqual(await code('POST', '/v1/alarms/acknowledge', { ids: [99] }), [404, 'LS-API-004']);
  assert.deepEqual(await code('GET', '/v1/alarms/figures?from=2021-09-26T00:00:00Z&to=2021-09-25T00:00:00Z'), [
    422,
    'LS-API-007',
  ]);
  await desk.close();
});
