import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { SystemView } from '../../../shared/contracts/system.ts';
import { cookieName } from '../callers/credentials.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps } from '../testing/api-fixture.ts';

const deps = fixtureDeps();
const { app } = await buildApi(deps);
after(() => app.close());
const host = { host: 'localhost:8080' };

test('operators and engineers see nodes and lag, and each gateway once by its software; guests do not', async () => {
  await deps.people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'a-long-password');
  const cookie = `${cookieName(deps)}=${await deps.people.signIn('anna', 'a-long-password')}`;
  const answer = await app.inject({ url: '/v1/system', headers: { ...host, cookie } });
  assert.equal(answer.statusCode, 200, answer.body);
  const { nodes, software } = answer.json<SystemView>();
  assert.deepEqual(
    nodes.map(({ role }) => role),
    ['owner', 'standby'],
  );
  assert.equal(
    software.reduce((sum, { count }) => sum + count, 0),
    deps.views.gateways().length,
  );
  assert.equal((await app.inject({ url: '/v1/system', headers: host })).statusCode, 403);
});
