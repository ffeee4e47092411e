import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GivenUpView, SelectionView } from '../../../shared/contracts/desk.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { ActingWorld } from '../../desk/testing/acting-world.ts';
import { testRegion } from '../../plan/testing/fixture.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, memoryAudit, openedAreas, openedPeople, START } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

/** Time until the scripted gateway has accepted and applied. */
const ANSWERED_MS = 300;
const BATTERY = '/v1/devices/owd-01/battery-1';
const wish = { setpoint: { activePowerKw: -5 }, durationS: 600, reason: 'relieve the feeder' };

async function rig() {
  const clock = new VirtualClock(START);
  const region = testRegion('owd', 'whf');
  const world = new ActingWorld(region, clock);
  const [people, audit] = [openedPeople(), memoryAudit()];
  const areas = openedAreas(region, people);
  for (const name of ['anna', 'bert'])
    await people.ensureUser({ name, roles: ['operator'], areas: '*' }, `${name}-password`);
  await people.ensureUser({ name: 'olga', roles: ['operator'], areas: ['substation:whf'] }, 'olga-password');
  const deps = fixtureDeps({ people, areas, audit, guests: false, ...world.deps(region, clock) });
  const { app } = await buildApi(deps);
  after(() => app.close());
  const as = async (user: string) => {
    const headers = await signedIn(people, user);
    return async <T>(url: string, payload: object): Promise<T & { code?: string }> =>
      (await app.inject({ method: 'POST', url, headers, payload })).json();
  };
  return {
    app,
    clock,
    people,
    world,
    areas,
    audit,
    anna: await as('anna'),
    bert: await as('bert'),
    olga: await as('olga'),
  };
}

test('a file of the register is complete or rejected', async () => {
  const { app, people, world } = await rig();
  const headers = await signedIn(people, 'anna');
  const file = async (limit = '') =>
    app.inject({ method: 'GET', url: `/v1/interventions?format=csv${limit}`, headers });
  const begins = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({
      gateway: 'owd-01',
      device: 'pv-1',
      kind: 'guard' as const,
      who: 'guard',
      startedAt: START + from + n,
      depthKw: 5,
      energyKwh: 0,
      why: '',
      measurement: '',
      command: null,
      freeKw: 0,
    }));
  await world.interventions.commit(begins(0, 150), []);
  assert.equal((await file()).body.trim().split('\r\n').length, 1 + 150);
  await world.interventions.commit(begins(150, 10_001), []);
  assert.equal((await file()).json().code, 'LS-API-006');
  assert.equal((await file('&limit=120')).body.trim().split('\r\n').length, 1 + 120);
});

test('the user who selected a device may release it after losing the area; the release is audited', async () => {
  const { anna, areas, audit, bert, clock, olga, world } = await rig();
  const { token, command } = await anna<SelectionView>(`${BATTERY}/select`, wish);
  await clock.advance(ANSWERED_MS);
  const cancel = `${BATTERY}/cancel`;
  assert.equal((await olga(cancel, { token })).code, 'LS-API-003');
  assert.equal((await bert(cancel, { token })).code, 'LS-DESK-004');
  assert.equal((await anna('/v1/devices/owd-01/pv-1/cancel', { token })).code, 'LS-DESK-004');
  assert.equal((await anna('/v1/devices/owd-01/nothing/cancel', { token })).code, 'LS-API-004');
  assert.equal((await anna(cancel, {})).code, 'LS-API-001');
  await areas.take('bert', { targets: ['region:north'] });
  assert.equal((await anna(`${BATTERY}/operate`, { token, ...wish })).code, 'LS-DESK-006');
  const given = await anna<GivenUpView>(cancel, { token });
  assert.deepEqual([given.dropped, given.command?.kind], [true, 'cancel']);
  await clock.advance(ANSWERED_MS);
  assert.equal((await world.desk.command(command!.id)).state, 'superseded');
  const ofBert = await bert<SelectionView>(`${BATTERY}/select`, wish);
  await clock.advance(ANSWERED_MS);
  assert.equal((await world.desk.command(ofBert.command!.id)).state, 'applied');
  const entries = audit.entries.filter(({ what, who }) => what.endsWith('/cancel') && who === 'anna');
  assert.deepEqual(entries.at(-1), {
    on: 'device:owd-01/battery-1',
    who: 'anna',
    what: entries[0]!.what,
    outcome: 'done',
  });
});
