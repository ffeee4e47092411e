import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Campaign } from '../../forecast/registry/federated/round.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, smallRegion, TOKEN } from '../testing/api-fixture.ts';

const headers = { authorization: `Bearer ${TOKEN}` };
const { gateway } = smallRegion().substations[0]!;
const campaign: Campaign = {
  id: 'federated-20210925t0300',
  reason: 'the schedule',
  round: 2,
  rounds: 10,
  deadline: Date.UTC(2021, 8, 25, 5),
  parts: {
    [gateway]: { task: 'task-of-it', fault: { code: 'LS-FED-004', detail: 'off' } },
    'of-another-region': { task: 'task-of-other' },
  },
};

test("an authorized caller starts rounds and sees each gateway's progress; disabled learning is an error", async () => {
  const reasons: string[] = [];
  const federated = {
    campaign: () => (reasons.length === 0 ? undefined : campaign),
    begin: async (reason: string) => void reasons.push(reason),
  };
  const { app } = await buildApi(fixtureDeps({ federated: true, own: { federated } }));
  const before = await app.inject({ url: '/v1/federated', headers });
  assert.deepEqual(before.json(), { enabled: true, campaign: null });
  const begun = await app.inject({
    method: 'POST',
    url: '/v1/federated',
    headers,
    payload: { reason: 'after the new station' },
  });
  assert.equal(begun.statusCode, 200, begun.body);
  assert.match(reasons[0]!, /^after the new station \(/);
  const { round, measuring, gateways } = begun.json().campaign;
  assert.deepEqual({ round, measuring }, { round: 2, measuring: false });
  assert.deepEqual(gateways, [{ gateway, state: 'left-out', code: 'LS-FED-004' }]);
  await app.close();
  const off = await buildApi(fixtureDeps());
  const refused = await off.app.inject({
    method: 'POST',
    url: '/v1/federated',
    headers,
    payload: { reason: 'after the new station' },
  });
  assert.equal(refused.statusCode, 409);
  assert.equal(refused.json().code, 'LS-FED-009');
  await off.app.close();
});
