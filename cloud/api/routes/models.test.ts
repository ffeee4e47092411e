import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());

const manifest = (id: string, substation: string): ModelManifest => ({
  id,
  substation,
  target: `substation:${substation}`,
  featureVersion: 1,
  features: ['a'],
  stepS: 900,
  steps: 192,
  quantiles: [0.1, 0.5, 0.9],
  sha256: id.padEnd(64, '0').replaceAll(/[^0-9a-f]/g, '0'),
  bytes: 3,
  trainedFrom: START - 1,
  trainedUpTo: START,
  createdAt: START,
  expiresAt: START + 1,
  weather: 'none',
  metrics: {
    window: '',
    nMae: 0.1,
    pinball: 0.03,
    coverage80: 0.8,
    seasonalNaiveNMae: 0.2,
    seasonalNaivePinball: 0.06,
  },
  members: { ridge: 1 },
  outputRange: { minKw: 0, maxKw: 1 },
  parity: { inputs: [], outputs: [], tolerance: 1e-4 },
});

test("the registry is listed by target and state, within the reader's targets", async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const step = { at: START, by: 'loadstone', reason: 'test' };
  for (const [id, substation] of [
    ['mdl-1', 'owd'],
    ['mdl-2', 'owd'],
    ['mdl-3', 'whf'],
  ] as const) {
    const bundle = { manifest: manifest(id, substation), bytes, role: 'cloud' } as const;
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
