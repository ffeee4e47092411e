import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { ActingWorld } from '../../desk/testing/acting-world.ts';
import { testRegion } from '../../plan/testing/fixture.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, openedAreas, openedPeople, START } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

const BATTERY = '/v1/devices/owd-01/battery-1';
const wish = { setpoint: { activePowerKw: -5 }, durationS: 600, reason: 'relieve the feeder' };
const reason = 'works on the line';

/** An owner who hears of each act of an operator a moment after the API has looked at their rights. */
async function rig() {
  const region = testRegion('owd', 'whf');
  const alarmed = new AlarmRig({ region, startMs: START });
  await alarmed.started;
  const { clock, alarms } = alarmed;
  const world = new ActingWorld(region, clock);
  const people = openedPeople();
  const areas = openedAreas(region, people);
  for (const name of ['anna', 'bert'])
    await people.ensureUser({ name, roles: ['operator'], areas: '*' }, `${name}-password`);
  const deps = fixtureDeps({ people, areas, alarms, guests: false, ...world.deps(region, clock) });
  let meanwhile = async (): Promise<void> => undefined;
  const operators = new Proxy(deps.owner.operators, {
    get:
      (of, name) =>
      async (...args: readonly unknown[]) => {
        await meanwhile();
        return Reflect.apply(Reflect.get(of, name) as () => unknown, of, args) as unknown;
      },
  });
  const owner = new Proxy(deps.owner, {
    get: (of, name) => (name === 'operators' ? operators : (Reflect.get(of, name) as unknown)),
  });
  const { app } = await buildApi({ ...deps, owner });
  after(() => app.close());
  const headers = { anna: await signedIn(people, 'anna'), bert: await signedIn(people, 'bert') };
  const as = async (user: 'anna' | 'bert', method: 'POST' | 'PUT' | 'DELETE', url: string, payload: object = {}) =>
    (await app.inject({ method, url, headers: headers[user], payload })).json();
  /** The same, as the right on the substation goes between the look and the act; and with the right again. */
  const losing = async (...asked: Parameters<typeof as>): Promise<string | undefined> => {
    const put = (where: '*' | string[]) =>
      people.putUser({ name: asked[0], roles: ['operator'], areas: where, disabled: false });
    meanwhile = async () => void (await put(['substation:whf']));
    const { code } = await as(...asked);
    meanwhile = async () => undefined;
    await put('*');
    return code;
  };
  await alarmed.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1' });
  await clock.advance(60_000);
  return { alarms, alarmed, as, clock, losing, people, world };
}

test('whoever loses the right while an act is on its way to the owner does not act', async () => {
  const { alarms, alarmed, as, clock, losing, world } = await rig();
  const gateway = world.gateways.get('owd-01')!;
  assert.equal(await losing('anna', 'POST', `${BATTERY}/select`, wish), 'LS-API-003');
  const { token } = await as('anna', 'POST', `${BATTERY}/select`, wish);
  await clock.advance(300);
  assert.equal(await losing('anna', 'POST', `${BATTERY}/operate`, { token, ...wish }), 'LS-API-003');
  assert.equal(await losing('anna', 'POST', `${BATTERY}/cancel`, { token }), 'LS-API-003');
  const { id: override } = await as('anna', 'POST', `${BATTERY}/operate`, { token, ...wish });
  await clock.advance(300);
  assert.equal(await losing('anna', 'POST', `/v1/overrides/${override}/release`, { reason }), 'LS-API-003');
  const stop = { kind: 'stop', target: 'substation:owd', reason };
  assert.equal(await losing('anna', 'POST', '/v1/acts', stop), 'LS-API-003');
  await clock.advance(1000);
  assert.deepEqual([gateway.state.stopped.gateway, gateway.state.overrides.length], [false, 1]);

  const [alarm] = alarms.list(['unacknowledged']);
  assert.equal(await losing('anna', 'POST', '/v1/alarms/acknowledge', { ids: [alarm!.id] }), 'LS-API-003');
  const own = `/v1/alarms/${alarm!.id}`;
  assert.equal(await losing('anna', 'POST', `${own}/shelve`, { minutes: 60, reason }), 'LS-API-003');
  assert.equal(await losing('anna', 'POST', `${own}/unshelve`), 'LS-API-003');
  assert.equal(await losing('anna', 'PUT', `${own}/out-of-service`, { reason }), 'LS-API-003');
  assert.equal(await losing('anna', 'DELETE', `${own}/out-of-service`), 'LS-API-003');
  assert.deepEqual(alarms.get(alarm!.id), alarm);
  await alarmed.close();
});

test('what two decide is done only while both may act', async () => {
  const { as, clock, losing, people, alarmed, world } = await rig();
  const emergency = { kind: 'emergency', target: 'substation:owd', durationS: 600, reason };
  const { approval } = await as('anna', 'POST', '/v1/acts', emergency);
  const decide = ['bert', 'POST', `/v1/approvals/${approval.id}`, { decision: 'approve', reason }] as const;
  assert.equal(await losing(...decide), 'LS-API-003');
  await people.putUser({ name: 'anna', roles: ['operator'], areas: ['substation:whf'], disabled: false });
  assert.equal((await as(...decide)).code, 'LS-API-003', 'who asked for it may not any more');
  const { emergency: raised } = world.gateways.get('owd-01')!.state;
  assert.deepEqual(raised ?? [], []);
  await people.putUser({ name: 'anna', roles: ['operator'], areas: '*', disabled: false });
  assert.equal((await as(...decide)).approval.state, 'approved');
  await clock.advance(1000);
  await alarmed.close();
});
