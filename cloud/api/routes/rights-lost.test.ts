import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { ActingWorld } from '../../desk/testing/acting-world.ts';
import { testRegion } from '../../plan/testing/fixture.ts';
import type { Scope } from '../../access/caller.ts';
import type { Role } from '../../access/roles.ts';
import { buildApi } from '../app.ts';
import type { OwnerCalls } from '../owner-acts.ts';
import { fixtureDeps, openedAreas, openedPeople, START } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

const BATTERY = '/v1/devices/owd-01/battery-1';
const wish = { setpoint: { activePowerKw: -5 }, durationS: 600, reason: 'relieve the feeder' };
const reason = 'works on the line';

/** Wraps an owner so that each call waits until `meanwhile` has run. */
const heardLate = (owner: OwnerCalls, meanwhile: () => Promise<void>): OwnerCalls => {
  const late = (group: object): object =>
    new Proxy(group, {
      get:
        (of, name) =>
        async (...args: readonly unknown[]) => {
          await meanwhile();
          return Reflect.apply(Reflect.get(of, name) as () => unknown, of, args) as unknown;
        },
    });
  // Reads that precede an act are not delayed.
  const isAct = (name: string | symbol): boolean =>
    !['alarms', 'audit', 'desk', 'measured', 'grid'].includes(String(name));
  return new Proxy(owner, {
    get: (of, name) => {
      const group = Reflect.get(of, name) as object;
      return isAct(name) ? late(group) : group;
    },
  });
};

/** An owner that receives each operator's act after the API has checked their rights. */
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
  const { app } = await buildApi({ ...deps, owner: heardLate(deps.owner, () => meanwhile()) });
  after(() => app.close());
  const headers = { anna: await signedIn(people, 'anna'), bert: await signedIn(people, 'bert') };
  const as = async (user: 'anna' | 'bert', method: 'POST' | 'PUT' | 'DELETE', url: string, payload: object = {}) =>
    (await app.inject({ method, url, headers: headers[user], payload })).json();
  /** Like `as`, but the actor loses the right on the substation between check and act; restores it and returns the error code. */
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

test('an act is refused if the caller loses the right while it is on its way to the owner', async () => {
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

test('an act of two persons is done only while both may act', async () => {
  const { as, clock, losing, people, alarmed, world } = await rig();
  const emergency = { kind: 'emergency', target: 'substation:owd', durationS: 600, reason };
  const { approval } = await as('anna', 'POST', '/v1/acts', emergency);
  const decide = ['bert', 'POST', `/v1/approvals/${approval.id}`, { decision: 'approve', reason }] as const;
  assert.equal(await losing(...decide), 'LS-API-003');
  await people.putUser({ name: 'anna', roles: ['operator'], areas: ['substation:whf'], disabled: false });
  assert.equal((await as(...decide)).code, 'LS-API-003', 'the requester has lost the right');
  const { emergency: raised } = world.gateways.get('owd-01')!.state;
  assert.deepEqual(raised ?? [], []);
  await people.putUser({ name: 'anna', roles: ['operator'], areas: '*', disabled: false });
  assert.equal((await as(...decide)).approval.state, 'approved');
  await clock.advance(1000);
  await alarmed.close();
});

const onSubstation = { target: 'substation:owd', kind: 'outage', start: '2021-09-24T08:00:00Z' };
const weather = {
  source: 'knmi',
  location: 'substation:owd',
  issuedAt: '2021-09-25T00:00:00Z',
  start: '2021-09-25T00:00:00Z',
  resolution: 'PT1H',
  temperatureC: [14],
};
const scenario = {
  name: 'sunny',
  base: { kind: 'history', start: '2021-09-01T00:00:00Z', end: '2021-09-25T00:00:00Z' },
  changes: [{ type: 'pv', target: 'substation:owd', addedKwp: 100 }],
};
const rights = { roles: ['viewer'], areas: '*' };
type Asked = readonly [role: Role, method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: object];

/** Every act except operators' acts, by the role that may do it. */
const acts: readonly Asked[] = [
  ['operator', 'POST', '/v1/areas/take', { areas: ['feeder:owd-1'] }],
  ['operator', 'POST', '/v1/areas/hand-over', { areas: ['feeder:owd-1'], to: 'bert', reason }],
  ['operator', 'POST', '/v1/areas/release', { areas: ['feeder:owd-1'], reason }],
  ['operator', 'POST', '/v1/simulation/events', { kind: 'spike', feeder: 'owd-1', percent: 30, durationS: 300 }],
  ['admin', 'POST', '/v1/areas/free', { areas: ['feeder:owd-1'], reason }],
  ['admin', 'PUT', '/v1/users/eve', rights],
  ['admin', 'PUT', '/v1/users/bert', rights],
  ['admin', 'POST', '/v1/users/bert/password'],
  ['admin', 'DELETE', '/v1/users/bert/tokens'],
  ['admin', 'DELETE', '/v1/users/bert'],
  ['planner', 'POST', '/v1/annotations', onSubstation],
  ['planner', 'POST', '/v1/weather', weather],
  ['planner', 'POST', '/v1/scenarios', scenario],
  ['planner', 'POST', '/v1/webhooks', { url: 'https://hooks.example.com/x', events: ['job.finished'] }],
  ['planner', 'POST', '/v1/forecasts', { target: 'substation:owd', horizon: 'PT24H', resolution: 'PT1H' }],
  [
    'planner',
    'POST',
    '/v1/measurements',
    { items: [{ target: 'substation:owd', start: '2021-08-24T00:00:00Z', values: [1] }] },
  ],
  ['engineer', 'POST', '/v1/federated', { reason }],
];

/** A person with the role that each act needs, who loses the role or the session while the act is on its way. */
async function planningRig() {
  const people = openedPeople();
  await people.ensureUser({ name: 'root', roles: ['admin'], areas: '*' }, 'root-password');
  await people.ensureUser({ name: 'bert', roles: ['operator'], areas: '*' }, 'bert-password');
  const deps = fixtureDeps({ people, guests: false, federated: true, webhookHosts: ['hooks.example.com'] });
  let meanwhile = async (): Promise<void> => undefined;
  const { app } = await buildApi({ ...deps, owner: heardLate(deps.owner, () => meanwhile()) });
  after(() => app.close());
  const as = async (role: Role) => {
    await people.ensureUser({ name: 'anna', roles: [role], areas: '*' }, 'anna-password');
    return signedIn(people, 'anna');
  };
  const ask = async (
    headers: object,
    [, method, url, payload]: Asked,
    meanwhileDo: () => unknown = () => undefined,
  ) => {
    meanwhile = async () => void (await meanwhileDo());
    const { statusCode, body } = await app.inject({
      method,
      url,
      headers: { ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    meanwhile = async () => undefined;
    return { statusCode, code: /"code":"(LS-[A-Z]+-\d+)"/.exec(body)?.[1] };
  };
  return { as, ask, people };
}

for (const asked of acts)
  test(`${asked[0]} ${asked[1]} ${asked[2]}: fails if role or session ends on the way`, async () => {
    const { as, ask, people } = await planningRig();
    const [role] = asked;
    const revoke = () => people.putUser({ name: 'anna', roles: ['viewer'], areas: '*', disabled: false });
    assert.deepEqual(await ask(await as(role), asked, revoke), { statusCode: 403, code: 'LS-API-003' });
    const headers = await as(role);
    assert.deepEqual(
      await ask(headers, asked, () => people.putUser({ name: 'anna', roles: [role], areas: '*', disabled: true })),
      {
        statusCode: 401,
        code: 'LS-API-002',
      },
    );
    assert.deepEqual(
      people.users().map(({ name }) => name),
      ['anna', 'bert', 'root'],
    );
    const { statusCode } = await ask(await as(role), asked);
    assert.ok(statusCode < 300 || statusCode === 409, `${statusCode}: the act succeeds with the right`);
  });

test('an act depends only on the token that sent it, not on others with the same label', async () => {
  const { as, ask, people } = await planningRig();
  await as('planner');
  const made = (...scopes: readonly Scope[]) =>
    people.makeToken({ name: 'anna' }, { label: 'excel', scopes, days: 30 });
  const by = ({ secret }: { readonly secret: string }): object => ({ authorization: `Bearer ${secret}` });
  const act: Asked = ['planner', 'POST', '/v1/annotations', onSubstation];
  // The order of tokens in the store must not matter.
  for (let n = 0; n < 8; n++) await made('planner:read');
  const own = await made('planner:read', 'planner:write');
  assert.deepEqual((await ask(by(own), act)).statusCode, 201, 'others with its label do not weaken it');
  const lost = await ask(by(own), act, () => people.removeToken('anna', own.id));
  assert.deepEqual(lost, { statusCode: 401, code: 'LS-API-002' }, 'the token has ended, the others remain valid');
  await people.removeTokens('anna');
  const first = await made('planner:read', 'planner:write');
  const remade = await ask(by(first), act, async () => {
    await people.removeToken('anna', first.id);
    await made('planner:read', 'planner:write');
  });
  assert.deepEqual(remade, { statusCode: 401, code: 'LS-API-002' }, 'a new token with its label does not replace it');
});
