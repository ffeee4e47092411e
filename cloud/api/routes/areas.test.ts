import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AreaView } from '../../../shared/contracts/areas.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { SoftwareAuthenticator } from '../../access/testing/software-authenticator.ts';
import { buildApi } from '../app.ts';
import type { ApiSettings } from '../deps.ts';
import {
  fixtureDeps,
  memoryAudit,
  openedAreas,
  openedPeople,
  smallRegion,
  START,
  TOKEN,
} from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

async function rig(settings: Partial<Pick<ApiSettings, 'passkeyApprovals'>> = {}) {
  const region = smallRegion();
  const desk = new AlarmRig({ region, startMs: START });
  await desk.started;
  const audit = memoryAudit();
  const people = openedPeople();
  const events: LoadstoneEvent[] = [];
  const areas = openedAreas(region, people, (event) => events.push(event));
  people.onChange(() => void areas.sweep());
  await people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'anna-password');
  await people.ensureUser({ name: 'bert', roles: ['operator'], areas: '*' }, 'bert-password');
  await people.ensureUser({ name: 'olga', roles: ['operator'], areas: ['substation:owd'] }, 'olga-password');
  await people.ensureUser({ name: 'eva', roles: ['admin'], areas: '*' }, 'eva-password');
  const { clock, alarms } = desk;
  const { app } = await buildApi(
    fixtureDeps({ ...settings, region, clock, alarms, audit, people, areas, guests: false }),
  );
  after(() => app.close());
  const as = async (user: string) => {
    const headers = await signedIn(people, user);
    return async (method: 'GET' | 'POST', url: string, payload?: object) =>
      (await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })).json();
  };
  return { app, as, desk, audit, people, areas, events };
}

const act = (kind: string, target: string, more: object = {}) => ({ kind, target, reason: 'works', ...more });

test('acts pass if nobody else holds the area; a stop always passes', async () => {
  const { as } = await rig();
  const [anna, bert] = [await as('anna'), await as('bert')];
  const code = async (who: typeof anna, body: object) => (await who('POST', '/v1/acts', body)).code;
  // The act passes the area check and fails because the link was never up.
  assert.equal(await code(bert, act('tag', 'feeder:owd-1')), 'LS-DESK-003');
  await anna('POST', '/v1/areas/take', { areas: ['region:north'], freeOnly: true });
  assert.equal(await code(anna, act('tag', 'feeder:owd-1')), 'LS-DESK-003');
  assert.equal(await code(bert, act('tag', 'feeder:owd-1')), 'LS-DESK-006');
  assert.equal(await code(bert, act('mode', 'region:north', { mode: 'manual' })), 'LS-DESK-006');
  assert.equal(await code(bert, act('stop', 'feeder:owd-1')), 'LS-API-009');
  const { approval } = await anna('POST', '/v1/acts', act('mode', 'region:north', { mode: 'manual' }));
  const decision = { decision: 'approve', reason: 'agreed' };
  assert.equal(
    (await bert('POST', `/v1/approvals/${approval.id}`, decision)).code,
    'LS-DESK-003',
    'anna holds the whole region',
  );
});

test('passkeyApprovals requires a passkey of the approver; a refusal or a stop never needs one', async () => {
  const { as } = await rig({ passkeyApprovals: true });
  const [anna, bert] = [await as('anna'), await as('bert')];
  await anna('POST', '/v1/areas/take', { areas: ['region:north'], freeOnly: true });
  const ask = async (): Promise<string> =>
    (await anna('POST', '/v1/acts', act('mode', 'region:north', { mode: 'manual' }))).approval.id;
  const path = `/v1/approvals/${await ask()}`;
  const agreed = { decision: 'approve', reason: 'agreed' };
  assert.equal((await bert('POST', path, agreed)).code, 'LS-API-015');
  assert.equal((await bert('POST', '/v1/passkeys/challenge')).code, 'LS-API-015', 'bert has no passkey yet');
  const authenticator = new SoftwareAuthenticator();
  const origin = 'http://localhost';
  const wish = await bert('POST', '/v1/passkeys/options', { password: 'bert-password' });
  const made = JSON.stringify(authenticator.make(JSON.parse(wish.options), origin));
  assert.equal((await bert('POST', '/v1/passkeys', { name: 'key', passkey: made })).name, 'key');
  const { options } = await bert('POST', '/v1/passkeys/challenge');
  const passkey = JSON.stringify(authenticator.prove(JSON.parse(options), origin));
  assert.equal((await bert('POST', path, { ...agreed, passkey: '{' })).code, 'LS-API-016');
  // The act passes the passkey check and fails because the link was never up.
  assert.equal((await bert('POST', path, { ...agreed, passkey })).code, 'LS-DESK-003');
  assert.equal((await bert('POST', path, { ...agreed, passkey })).code, 'LS-API-016', 'the proof is valid once');
  assert.equal((await bert('POST', path, { decision: 'refuse', reason: 'not now' })).approval.state, 'refused');
  assert.equal((await bert('POST', '/v1/acts', act('stop', 'feeder:owd-1'))).code, 'LS-API-009');
});

test('a token holds areas and acts in them like a person', async () => {
  const { app } = await rig();
  const post = async (url: string, payload: object) =>
    (
      await app.inject({
        method: 'POST',
        url,
        payload,
        headers: { host: 'localhost', authorization: `Bearer ${TOKEN}` },
      })
    ).json();
  assert.equal((await post('/v1/acts', act('tag', 'feeder:owd-1'))).code, 'LS-DESK-003');
  const taken = await post('/v1/areas/take', { areas: ['region:north'], freeOnly: true });
  assert.deepEqual(new Set(taken.items.map(({ holder }: AreaView) => holder)), new Set(['owner']));
  assert.equal((await post('/v1/acts', act('tag', 'feeder:owd-1'))).code, 'LS-DESK-003');
});

test('take, hand-over and release of an area are audited; taking it needs the right to act there', async () => {
  const { as, audit, events, people, areas: held } = await rig();
  const [anna, bert, olga, eva] = [await as('anna'), await as('bert'), await as('olga'), await as('eva')];
  const holders = async () =>
    Object.fromEntries(
      ((await eva('GET', '/v1/areas')).items as AreaView[]).map(({ target, holder }) => [target, holder]),
    );
  const areas = ['substation:owd'];
  await anna('POST', '/v1/areas/take', { areas });
  assert.equal((await olga('POST', '/v1/areas/take', { areas: ['feeder:whf-1'] })).code, 'LS-API-003');
  assert.equal((await bert('POST', '/v1/areas/take', { areas })).code, 'LS-DESK-006');
  const over = { areas, to: 'eva', reason: 'end of the shift' };
  assert.equal((await anna('POST', '/v1/areas/hand-over', over)).code, 'LS-API-007', 'an admin does not operate');
  await anna('POST', '/v1/areas/hand-over', { ...over, to: 'olga' });
  const no = { areas, reason: 'not before six' };
  assert.equal((await bert('POST', '/v1/areas/decline', no)).code, 'LS-API-005', 'the area is not offered to bert');
  assert.equal((await eva('POST', '/v1/areas/decline', no)).code, 'LS-API-003', 'an admin does not operate');
  assert.equal((await olga('POST', '/v1/areas/decline', { areas })).code, 'LS-API-001', 'a reason is required');
  assert.equal((await olga('POST', '/v1/areas/decline', no)).items[0].holder, 'anna');
  const [declined] = held.view().losses;
  assert.equal((await anna('POST', `/v1/areas/losses/${declined!.id}/seen`)).how, 'declined');
  await anna('POST', '/v1/areas/hand-over', { ...over, to: 'olga' });
  await olga('POST', '/v1/areas/take', { areas });
  assert.deepEqual(await holders(), {
    'substation:owd': 'olga',
    'feeder:owd-1': 'olga',
    'substation:whf': null,
    'feeder:whf-1': null,
  });
  const operators = (await anna('GET', '/v1/areas/operators')).items as { name: string; signedIn: boolean }[];
  assert.deepEqual(
    operators.map(({ name, signedIn }) => [name, signedIn]),
    [
      ['anna', true],
      ['bert', true],
      ['olga', true],
    ],
  );
  assert.equal((await eva('GET', '/v1/areas/operators')).code, 'LS-API-003');
  await people.putUser({ name: 'olga', roles: ['viewer'], areas: '*', disabled: false });
  assert.equal((await holders())['substation:owd'], null, 'the area is lost with the right');
  await bert('POST', '/v1/areas/take', { areas: ['feeder:owd-1'] });
  await eva('POST', '/v1/areas/free', { areas: ['region:north'], reason: 'bert has gone home' });
  const { losses } = held.view();
  assert.deepEqual(
    losses.map(({ holder, how }) => [holder, how]),
    [
      ['olga', 'barred'],
      ['bert', 'freed'],
    ],
  );
  assert.equal(
    (await anna('POST', `/v1/areas/losses/${losses[1]!.id}/seen`)).code,
    'LS-API-004',
    "the loss is not anna's",
  );
  assert.equal((await bert('POST', `/v1/areas/losses/${losses[1]!.id}/seen`)).by, 'eva');
  assert.equal((await holders())['feeder:owd-1'], null);
  assert.deepEqual(
    audit.entries
      .filter(({ what }) => what.includes('areas'))
      .map(({ who, what, why, outcome }) => [who, what, why, outcome]),
    [
      ['anna', 'POST /v1/areas/take', undefined, 'done'],
      ['olga', 'POST /v1/areas/take', undefined, 'LS-API-003'],
      ['bert', 'POST /v1/areas/take', undefined, 'LS-DESK-006'],
      ['anna', 'POST /v1/areas/hand-over', 'end of the shift', 'LS-API-007'],
      ['anna', 'POST /v1/areas/hand-over', 'end of the shift', 'done'],
      ['bert', 'POST /v1/areas/decline', 'not before six', 'LS-API-005'],
      ['eva', 'POST /v1/areas/decline', undefined, 'LS-API-003'],
      ['olga', 'POST /v1/areas/decline', undefined, 'LS-API-001'],
      ['olga', 'POST /v1/areas/decline', 'not before six', 'done'],
      ['anna', 'POST /v1/areas/losses/:id/seen', 'not before six', 'done'],
      ['anna', 'POST /v1/areas/hand-over', 'end of the shift', 'done'],
      ['olga', 'POST /v1/areas/take', undefined, 'done'],
      ['bert', 'POST /v1/areas/take', undefined, 'done'],
      ['eva', 'POST /v1/areas/free', 'bert has gone home', 'done'],
      ['anna', 'POST /v1/areas/losses/:id/seen', undefined, 'LS-API-004'],
      ['bert', 'POST /v1/areas/losses/:id/seen', 'bert has gone home', 'done'],
    ],
  );
  assert.deepEqual(
    events.map(({ code, text }) => `${code} ${text}`),
    [
      'area.taken anna takes owd, owd-1',
      'area.offered anna hands over owd, owd-1 to olga: end of the shift',
      'area.declined olga declines owd, owd-1 of anna: not before six',
      'area.seen anna has seen that owd, owd-1 was declined by olga',
      'area.offered anna hands over owd, owd-1 to olga: end of the shift',
      'area.taken olga takes owd, owd-1 from anna',
      'area.released Nobody holds owd, owd-1: olga may not act there.',
      'area.taken bert takes owd-1',
      'area.released eva frees owd-1 of bert: bert has gone home',
      'area.seen bert has seen that owd-1 was freed by eva',
    ],
  );
});

test("alarms in another's area cannot be acknowledged; anyone may acknowledge those in unheld areas", async () => {
  const { as, desk } = await rig();
  const [anna, bert] = [await as('anna'), await as('bert')];
  await desk.tell('owd-01', { code: 'LS-CONTROL-005', device: 'owd-1-b2' });
  await desk.tell('whf-01', { code: 'LS-GATEWAY-001' });
  await desk.tell('cloud', { code: 'LS-STORE-001', severity: 'high' }, true);
  await desk.clock.advance(60_000);
  const targets = async (who: typeof anna, query = '') =>
    ((await who('GET', `/v1/alarms${query}`)).items as { target: string }[]).map(({ target }) => target).sort();
  assert.deepEqual(await targets(anna), ['feeder:owd-1', 'region:north', 'substation:whf']);
  await anna('POST', '/v1/areas/take', { areas: ['feeder:owd-1'] });
  assert.deepEqual(await targets(bert, '?area=mine'), ['region:north', 'substation:whf']);
  await bert('POST', '/v1/areas/take', { areas: ['substation:whf'] });
  assert.deepEqual(await targets(anna, '?area=mine'), ['feeder:owd-1', 'region:north']);
  const ids = async (query = '') =>
    ((await anna('GET', `/v1/alarms${query}`)).items as { id: number }[]).map(({ id }) => id);
  assert.equal((await anna('POST', '/v1/alarms/acknowledge', { ids: await ids() })).code, 'LS-DESK-006');
  assert.equal((await anna('POST', '/v1/alarms/acknowledge', { ids: await ids('?area=mine') })).items.length, 2);
  await desk.close();
});
