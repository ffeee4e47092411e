import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { namedBundle } from '../../forecast/registry/testing/bundle-fixture.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());

test("the registry is listed by target and state, within the reader's targets", async () => {
  const step = { at: START, by: 'loadstone', reason: 'test' };
  for (const [id, substation] of [
    ['mdl-1', 'owd'],
    ['mdl-2', 'owd'],
    ['mdl-3', 'whf'],
  ] as const) {
    const bundle = namedBundle(id, { at: START, target: `substation:${substation}`, role: 'cloud' });
    await rig.registry.put(bundle, { ...step, release: 'r', evidence: { days: [] } });
    await rig.registry.move(id, 'active', step);
  }
  const ids = async (query: string, headers: Record<string, string> = {}): Promise<string[]> =>
    (await rig.get(`/v1/models${query}`, headers)).json<{ items: { id: string }[] }>().items.map(({ id }) => id);
  assert.deepEqual(await ids(''), ['mdl-1', 'mdl-2', 'mdl-3']);
  assert.deepEqual(await ids('?target=substation:owd&state=active'), ['mdl-2']);
  assert.deepEqual(await ids('', { authorization: `Bearer ${PART_TOKEN}` }), ['mdl-1', 'mdl-2']);
  assert.equal((await rig.get('/v1/models/mdl-1')).json<{ state: string }>().state, 'retired');
  assert.equal((await rig.ask('GET', '/v1/models/mdl-3', { token: PART_TOKEN })).statusCode, 404);
  assert.equal((await rig.get('/v1/models/none')).json<{ code: string }>().code, 'LS-MODEL-002');
});

test('an authorized person holds and promotes a model with a reason; its history is shown', async () => {
  const move = (id: string, body: object, token?: string) =>
    rig.ask('POST', `/v1/models/${id}/transitions`, { ...(token === undefined ? {} : { token }), payload: body });
  assert.equal((await move('mdl-2', { to: 'held', reason: 'too bold' }, PART_TOKEN)).statusCode, 403);
  const held = await move('mdl-2', { to: 'held', reason: 'too bold at night' }, TOKEN);
  assert.equal(held.statusCode, 200);
  const shown = held.json<{
    state: string;
    next: string[];
    transitions: { to: string; by: string; reason: string }[];
  }>();
  assert.equal(shown.state, 'held');
  assert.deepEqual(shown.next, ['shadow', 'active', 'retired']);
  assert.deepEqual(shown.transitions.at(-1)!.reason, 'too bold at night');
  const refused = await move('mdl-2', { to: 'held', reason: 'once more' }, TOKEN);
  assert.deepEqual([refused.statusCode, refused.json<{ code: string }>().code], [409, 'LS-MODEL-003']);
  assert.equal((await move('mdl-2', { to: 'rejected', reason: 'not mine to say' }, TOKEN)).statusCode, 400);
  assert.equal((await move('mdl-2', { to: 'active', reason: ' ' }, TOKEN)).statusCode, 400);
  assert.equal((await move('none', { to: 'active', reason: 'why not' }, TOKEN)).statusCode, 404);
});
