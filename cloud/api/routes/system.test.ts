import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { SystemView } from '../../../shared/contracts/system.ts';
import { cookieName } from '../callers/credentials.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, memoryAudit } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

const asked: string[] = [];
const audit = memoryAudit();
const deps = fixtureDeps({
  audit,
  own: {
    givenUp: {
      retry: async (id) => void asked.push(`retry ${id}`),
      discard: async (id) => void asked.push(`discard ${id}`),
    },
  },
});
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
    ['owner', 'standby', 'job'],
  );
  assert.equal(
    software.reduce((sum, { count }) => sum + count, 0),
    deps.views.gateways().length,
  );
  assert.equal((await app.inject({ url: '/v1/system', headers: host })).statusCode, 403);
});

test('an operator retries and discards what was given up, and the audit list says so; an engineer may not', async () => {
  await deps.people.ensureUser({ name: 'bert', roles: ['operator'], areas: '*' }, 'bert-password');
  await deps.people.ensureUser({ name: 'eva', roles: ['engineer'], areas: '*' }, 'eva-password');
  const ask = async (who: string, method: 'POST' | 'DELETE', url: string) =>
    (await app.inject({ method, url, headers: await signedIn(deps.people, who) })).statusCode;
  const path = '/v1/system/given-up/plan.owd';
  assert.deepEqual([await ask('eva', 'POST', `${path}/retry`), await ask('eva', 'DELETE', path)], [403, 403]);
  assert.deepEqual(asked, []);
  assert.deepEqual([await ask('bert', 'POST', `${path}/retry`), await ask('bert', 'DELETE', path)], [204, 204]);
  assert.deepEqual(asked, ['retry plan.owd', 'discard plan.owd']);
  assert.deepEqual(
    audit.entries.filter(({ who, on }) => who === 'bert' && on === 'given-up:plan.owd').map(({ outcome }) => outcome),
    ['done', 'done'],
  );
});
