import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../conventions.ts';
import { START } from '../testing/api-fixture.ts';
import { ORIGIN, roleRig, ROLES } from '../testing/role-rig.ts';

const one = await roleRig();

test('an admin creates a user, who changes the one-time password, makes a token and revokes it', async () => {
  const { ask, signIn, audit } = one;
  const { headers } = await signIn('admin');
  const made = await ask({ method: 'PUT', url: '/v1/users/mia', headers, payload: { roles: ['planner'], areas: '*' } });
  const { oneTimePassword } = made.json();
  const first = await ask({ method: 'POST', url: '/v1/session', payload: { user: 'mia', password: oneTimePassword } });
  const bound = {
    cookie: String(first.headers['set-cookie']).split(';')[0]!,
    origin: ORIGIN,
    'x-csrf-token': first.json().csrf,
  };
  assert.equal(first.json().user.mustChange, true);
  assert.equal((await ask({ url: '/v1/gateways', headers: bound })).statusCode, 403);
  const payload = { current: oneTimePassword, next: 'mi a-password' };
  const changed = await ask({ method: 'PUT', url: '/v1/session/password', headers: bound, payload });
  assert.equal(changed.statusCode, 200, changed.body);
  const own = {
    ...bound,
    cookie: String(changed.headers['set-cookie']).split(';')[0]!,
    'x-csrf-token': changed.json().csrf,
  };
  const wish = { label: 'excel', scopes: ['planner:read'], days: 7 };
  const token = (await ask({ method: 'POST', url: '/v1/tokens', headers: own, payload: wish })).json();
  const read = async () =>
    (await ask({ url: '/v1/gateways', headers: { authorization: `Bearer ${token.token}` } })).statusCode;
  assert.equal(await read(), 200);
  assert.equal((await ask({ method: 'DELETE', url: `/v1/tokens/${token.id}`, headers: own })).statusCode, 204);
  assert.equal(await read(), 401);
  const entries = audit.entries.map(({ who, what, on, outcome }) => [who, what, on, outcome].join(' '));
  assert.ok(entries.includes('admin PUT /v1/users/:id user:mia done'), entries.join('\n'));
  assert.ok(entries.includes(`mia POST /v1/tokens token:${token.id} done`));
  assert.ok(
    !JSON.stringify(audit.entries).includes(oneTimePassword) && !JSON.stringify(audit.entries).includes(token.token),
  );
});

test("an admin lists and revokes a person's tokens; each act is audited, no secret is shown", async () => {
  const { ask, signIn, audit, people } = one;
  const { headers } = await signIn('admin');
  const wish = { scopes: ['planner:read'] as const, days: 7 };
  const made = await Promise.all(
    ['excel', 'gis', 'scada'].map((label) => people.makeToken(people.user('planner')!, { ...wish, label })),
  );
  const read = async ({ secret }: { secret: string }) =>
    (await ask({ url: '/v1/gateways', headers: { authorization: `Bearer ${secret}` } })).statusCode;
  assert.equal(await read(made[0]!), 200);
  const url = '/v1/users/planner/tokens';
  const list = await ask({ url, headers });
  assert.equal(list.statusCode, 200, list.body);
  const shown = list.json().items as Record<string, unknown>[];
  const excel = shown.find(({ label }) => label === 'excel');
  const expiresAt = formatTime(START + 7 * 86_400_000);
  assert.deepEqual(excel, {
    id: made[0]!.id,
    label: 'excel',
    scopes: ['planner:read'],
    createdAt: formatTime(START),
    lastUsedAt: formatTime(START),
    expiresAt,
  });
  assert.equal(shown.find(({ label }) => label === 'gis')?.['lastUsedAt'], null);
  assert.ok(!made.some(({ secret }) => list.body.includes(secret)));

  for (const role of ROLES.filter((each) => each !== 'admin'))
    for (const method of ['GET', 'DELETE'] as const)
      assert.equal((await ask({ method, url, headers: (await signIn(role)).headers })).statusCode, 403, role);
  const held = { authorization: `Bearer ${made[0]!.secret}` };
  assert.equal((await ask({ url, headers: held })).statusCode, 403, 'a token of that person is not enough either');

  assert.equal((await ask({ method: 'DELETE', url: `${url}/${made[0]!.id}`, headers })).statusCode, 204);
  assert.deepEqual(audit.entries.at(-1), {
    who: 'admin',
    what: 'DELETE /v1/users/:id/tokens/:token',
    on: `token:${made[0]!.id}`,
    from: { user: 'planner', label: 'excel', scopes: ['planner:read'] },
    outcome: 'done',
  });
  assert.deepEqual(await Promise.all(made.map(read)), [401, 200, 200]);
  assert.equal((await ask({ method: 'DELETE', url: `${url}/${made[0]!.id}`, headers })).json().code, 'LS-API-004');
  assert.equal((await ask({ method: 'DELETE', url, headers })).statusCode, 204);
  assert.deepEqual(audit.entries.at(-1), {
    who: 'admin',
    what: 'DELETE /v1/users/:id/tokens',
    on: 'user:planner',
    from: { tokens: ['gis', 'scada'] },
    outcome: 'done',
  });
  assert.deepEqual(await Promise.all(made.map(read)), [401, 401, 401]);
  assert.deepEqual((await ask({ url, headers })).json().items, []);
  assert.equal((await ask({ url: '/v1/users/nobody/tokens', headers })).json().code, 'LS-API-004');
  assert.equal((await ask({ method: 'DELETE', url: '/v1/users/nobody/tokens', headers })).json().code, 'LS-API-004');
});
