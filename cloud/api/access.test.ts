import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fastify from 'fastify';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { RIGHTS } from '../access/roles.ts';
import { installAccess } from './access.ts';
import { RateLimit } from './callers/rate-limit.ts';
import { openedPeople, START } from './testing/api-fixture.ts';
import { roleRig, ROLES, SPIKE, spike } from './testing/role-rig.ts';

const root = mkdtempSync(join(tmpdir(), 'loadstone-page-'));
mkdirSync(join(root, 'assets'));
writeFileSync(join(root, 'assets', 'screens.json'), '["/"]');
for (const file of ['index.html', 'favicon.svg', 'assets/index-1.js']) writeFileSync(join(root, file), '');
after(() => rmSync(root, { recursive: true }));

const one = await roleRig({ dashboardRoot: root });
const sessions = new Map(await Promise.all(ROLES.map(async (role) => [role, await one.signIn(role)] as const)));

/** Skipped: they end the session or never end. */
const UNASKED = ['DELETE /v1/session', 'GET /v1/stream'];

for (const { method, url: pattern, right } of one.routes.filter((route) => route.method !== 'HEAD')) {
  test(`${method} ${pattern} requires ${right}`, async () => {
    if (UNASKED.includes(`${method} ${pattern}`)) return;
    const url = pattern.replaceAll(/:\w+|\*/g, 'nothing');
    const nobody = await one.ask({ method, url });
    assert.equal(nobody.statusCode === 401, right !== 'public', `nobody: ${nobody.statusCode}`);
    for (const role of ROLES) {
      const answer = await one.ask({ method, url, headers: sessions.get(role)!.headers });
      const isRefused = /this needs the right/.test(answer.body);
      const mayAsk = right === 'public' || right === 'session' || RIGHTS[role].includes(right);
      assert.equal(isRefused, !mayAsk, `${role}: ${answer.statusCode} ${answer.body.slice(0, 200)}`);
      assert.equal(answer.statusCode === 401, false, role);
      if (isRefused) assert.equal(answer.statusCode, 403);
    }
  });
}

/** Acts that a locked desk may send, or that check the lock themselves. */
const OUT_OF_LOCKED = [
  'DELETE /v1/session',
  'POST /v1/acts',
  'POST /v1/devices/:gateway/:device/cancel',
  'POST /v1/overrides/:id/release',
];

test('a locked session may read like a viewer, and act only to make the plant safe', async () => {
  const time = { now: START };
  const people = openedPeople(() => time.now, { lockAfterMs: 30 * 60_000 });
  const { routes, ask, signIn, audit } = await roleRig({ people, lockAfterMin: 30 });
  const all = new Map(await Promise.all(ROLES.map(async (role) => [role, (await signIn(role)).headers] as const)));
  time.now += 30 * 60_000;
  const wrong: string[] = [];
  for (const { method, url: pattern, right } of routes) {
    const route = `${method} ${pattern}`;
    if (method === 'HEAD' || right === 'public' || UNASKED.includes(route)) continue;
    const role = ROLES.find((each) => right === 'session' || RIGHTS[each].includes(right))!;
    const url = pattern.replaceAll(/:\w+|\*/g, 'nothing');
    const isLocked = (await ask({ method, url, headers: all.get(role)! })).body.includes('LS-API-019');
    const isShown = (method === 'GET' && right === 'planner:read') || OUT_OF_LOCKED.includes(route);
    if (isLocked === isShown) wrong.push(route);
  }
  assert.deepEqual(wrong, []);
  const headers = all.get('operator')!;
  const act = async (more: object) =>
    (
      await ask({
        method: 'POST',
        url: '/v1/acts',
        headers,
        payload: { target: 'feeder:owd-1', reason: 'fire', ...more },
      })
    ).json().code;
  // The act passes the lock and fails because no gateway is connected.
  assert.equal(await act({ kind: 'stop' }), 'LS-API-009');
  assert.deepEqual(audit.entries.at(-1)?.to, { kind: 'stop', lockedDesk: true });
  assert.notEqual(await act({ kind: 'mode', mode: 'manual' }), 'LS-API-019');
  for (const more of [{ kind: 'mode', mode: 'automatic' }, { kind: 'resume' }, { kind: 'tag' }])
    assert.equal(await act(more), 'LS-API-019');
  const shown = (await ask({ url: '/v1/session', headers })).json();
  assert.deepEqual([shown.user.locked, shown.lockAfterMin], [true, 30]);
  assert.deepEqual(shown.rights, RIGHTS.operator);
  const payload = { user: 'operator', password: 'operator-password' };
  const opened = await ask({ method: 'POST', url: '/v1/session', headers, payload });
  assert.deepEqual([opened.json().user.locked, opened.json().csrf], [undefined, headers['x-csrf-token']]);
  assert.equal(await act({ kind: 'tag' }), 'LS-DESK-003');
  // Some clients send the key with each POST.
  const keyed = await ask({ method: 'POST', url: '/v1/session', headers: { 'idempotency-key': 'first' }, payload });
  assert.equal(keyed.statusCode, opened.statusCode, keyed.body);
});

test('only sign-in, page files, health and the API description are open to all', () => {
  const open = one.routes.filter(({ right, method }) => right === 'public' && method !== 'HEAD');
  const named = open
    .map(({ method, url }) => `${method} ${url}`)
    .filter((each) => !/^GET \/(api|assets)(\/|$)/.test(each));
  assert.deepEqual(named.toSorted(), [
    'GET /',
    'GET /favicon.svg',
    'GET /health',
    'GET /index.html',
    'GET /livez',
    'GET /openapi.json',
    'GET /v1/session',
    'GET /v1/session/oidc',
    'GET /v1/session/oidc/callback',
    'POST /v1/session',
    'POST /v1/session/passkey',
  ]);
});

test('nobody makes the owner work without limit: sign-ins at a provider are limited by network, and health is asked once a second', async () => {
  const asked = { begin: 0, health: 0 };
  const clock = new VirtualClock(START);
  const { ask } = await roleRig({
    clock,
    ssoName: 'the provider',
    own: {
      oidc: { begin: async () => ({ url: `https://login.example/${++asked.begin}`, flow: 'flow' }) },
      grid: {
        health: async () => ({ store: ++asked.health > 0 ? 'ok' : '', broker: 'ok', clock: 'ok', disk: 'ok' }),
      },
    },
  });
  const begin = (remoteAddress: string) => ask({ url: '/v1/session/oidc', remoteAddress });
  for (let n = 0; n < 20; n++) assert.equal((await begin('127.0.0.1')).statusCode, 302);
  const refused = await begin('127.0.0.1');
  assert.deepEqual([refused.statusCode, refused.json().code, refused.headers['retry-after']], [429, 'LS-API-008', '1']);
  assert.equal((await begin('127.0.0.2')).statusCode, 302);
  const payload = { user: 'operator', password: 'operator-password' };
  assert.equal((await ask({ method: 'POST', url: '/v1/session', payload })).statusCode, 200);
  assert.equal(asked.begin, 21);
  for (let n = 0; n < 30; n++) assert.equal((await ask({ url: '/health' })).json().ok, true);
  assert.equal(asked.health, 1);
  await clock.advance(1000);
  await ask({ url: '/health' });
  assert.equal(asked.health, 2);
});

test('a route without a declared right is not served', () => {
  const app = fastify();
  installAccess(app, one.deps, new RateLimit(one.deps.clock.machine));
  assert.throws(() => app.get('/v1/unheard-of', () => ''), /GET \/v1\/unheard-of lacks config\.right/);
  assert.throws(() => app.post('/assets/x.js', () => ''), /POST \/assets\/x.js lacks config/);
  assert.throws(() => app.get('/assetsx', () => ''), /GET \/assetsx lacks config/);
});

test('a write needs our own origin and the CSRF token; each alone is refused', async () => {
  const { headers } = await one.signIn('operator');
  const { cookie, origin, 'x-csrf-token': csrf } = headers;
  const status = async (more: Record<string, string>) => (await one.ask({ ...SPIKE, headers: more })).statusCode;
  assert.equal(await status(headers), 202);
  assert.equal(await status({ cookie, origin }), 403);
  assert.equal(await status({ cookie, 'x-csrf-token': csrf }), 403);
  assert.equal(await status({ ...headers, origin: 'http://evil.example' }), 403);
  assert.equal(await status({ ...headers, 'x-csrf-token': one.deps.people.users()[0]!.name }), 403);
  assert.equal(await status({ origin, 'x-csrf-token': csrf }), 401);
});

test('an operator of one area cannot act in another', async () => {
  const { headers } = await one.signIn('owd');
  assert.equal((await one.ask({ ...SPIKE, headers })).statusCode, 202);
  const answer = await one.ask({ ...SPIKE, payload: { ...spike, feeder: 'whf-1' }, headers });
  assert.equal(answer.statusCode, 403);
  assert.match(answer.json().detail, /not in the areas/);
});
