import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fastify, { type InjectOptions } from 'fastify';
import { csrfOf } from '../access/people.ts';
import { RIGHTS, type Role } from '../access/roles.ts';
import { installAccess } from './access.ts';
import { buildApi } from './app.ts';
import { cookieName } from './callers/credentials.ts';
import { RateLimit } from './callers/rate-limit.ts';
import { formatTime } from './conventions.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { OwnerChanges } from './testing/owner-fixture.ts';
import { fixtureDeps, memoryAudit, openedPeople, shownEvent, START, TOKEN } from './testing/api-fixture.ts';

const ROLES = Object.keys(RIGHTS) as Role[];
const HOST = 'localhost:8080';
const ORIGIN = `http://${HOST}`;

const root = mkdtempSync(join(tmpdir(), 'loadstone-page-'));
mkdirSync(join(root, 'assets'));
writeFileSync(join(root, 'assets', 'screens.json'), '["/"]');
for (const file of ['index.html', 'favicon.svg', 'assets/index-1.js']) writeFileSync(join(root, file), '');
after(() => rmSync(root, { recursive: true }));

/** The application without guests, with a user of each role and one for the area of OWD. */
async function rig(overrides: Parameters<typeof fixtureDeps>[0] = {}) {
  const { people = openedPeople() } = overrides;
  const audit = memoryAudit();
  const deps = fixtureDeps({ people, audit, guests: false, dashboardRoot: root, ...overrides });
  const api = await buildApi(deps);
  after(() => api.app.close());
  for (const role of ROLES) await people.ensureUser({ name: role, roles: [role], areas: '*' }, `${role}-password`);
  await people.ensureUser({ name: 'owd', roles: ['operator'], areas: ['substation:owd'] }, 'owd-password');
  const ask = (request: InjectOptions) => api.app.inject({ ...request, headers: { host: HOST, ...request.headers } });
  const signIn = async (user: string) => {
    const session = await people.signIn(user, `${user}-password`);
    const cookie = `${cookieName(deps)}=${session}`;
    return { headers: { cookie, origin: ORIGIN, 'x-csrf-token': csrfOf(session) } };
  };
  return { ...api, deps, people, audit, ask, signIn };
}

const one = await rig();
const sessions = new Map(await Promise.all(ROLES.map(async (role) => [role, await one.signIn(role)] as const)));
const spike = { kind: 'spike', feeder: 'owd-1', percent: 30, durationS: 300 };
const SPIKE = { method: 'POST', url: '/v1/simulation/events', payload: spike } as const;

/** Routes that end the session or the stream that asks. */
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

/** What goes out of a locked desk, or judges that by itself. */
const OUT_OF_LOCKED = [
  'DELETE /v1/session',
  'POST /v1/acts',
  'POST /v1/devices/:gateway/:device/cancel',
  'POST /v1/overrides/:id/release',
];

test('a locked session shows what a viewer sees and acts in nothing but what makes the plant safe', async () => {
  const time = { now: START };
  const people = openedPeople(() => time.now, { lockAfterMs: 30 * 60_000 });
  const { routes, ask, signIn, audit } = await rig({ people, lockAfterMin: 30 });
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
  // Past the lock: no gateway was ever up here.
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
});

test('a desk that tells of somebody stays open and fills no audit list; one that is locked by hand is written down', async () => {
  const time = { now: START };
  const people = openedPeople(() => time.now, { lockAfterMs: 60_000 });
  const { ask, signIn, audit } = await rig({ people, lockAfterMin: 1 });
  const { headers } = await signIn('viewer');
  const tell = (present: boolean, more = headers) =>
    ask({ method: 'PUT', url: '/v1/session/presence', headers: more, payload: { present } });
  for (let n = 0; n < 5; n++) {
    time.now += 50_000;
    assert.equal((await tell(true)).statusCode, 200);
  }
  assert.equal(audit.entries.length, 0);
  assert.equal((await tell(false)).json().user.locked, true);
  assert.deepEqual(audit.entries.at(-1), {
    who: 'viewer',
    what: 'PUT /v1/session/presence',
    to: { locked: true },
    outcome: 'done',
  });
  assert.deepEqual([(await tell(true)).statusCode, (await tell(true)).json().code], [423, 'LS-API-019']);
  const byToken = await ask({
    method: 'PUT',
    url: '/v1/session/presence',
    headers: { authorization: `Bearer ${TOKEN}` },
    payload: { present: true },
  });
  assert.equal(byToken.json().code, 'LS-API-003');
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

test('a route without a declared right is not served', () => {
  const app = fastify();
  installAccess(app, one.deps, new RateLimit(one.deps.clock.machine));
  assert.throws(() => app.get('/v1/unheard-of', () => ''), /GET \/v1\/unheard-of does not say what it needs/);
  assert.throws(() => app.post('/assets/x.js', () => ''), /POST \/assets\/x.js does not say/);
  assert.throws(() => app.get('/assetsx', () => ''), /GET \/assetsx does not say/);
});

test('the session cookie is hidden from scripts and other sites; over plain HTTP it is set on loopback only', async () => {
  const payload = { user: 'viewer', password: 'viewer-password' };
  const answer = await one.ask({ method: 'POST', url: '/v1/session', payload });
  const [session, device] = answer.headers['set-cookie'] as unknown as [string, string];
  assert.match(session, /^loadstone-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.match(device, /^loadstone-device=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Strict$/);
  const known = { cookie: device.split(';')[0]! };
  const again = await one.ask({ method: 'POST', url: '/v1/session', payload, headers: known });
  assert.equal(again.headers['set-cookie']?.[1], device, 'the browser is known again');
  const odd = { cookie: 'loadstone-device=short' };
  const other = await one.ask({ method: 'POST', url: '/v1/session', payload, headers: odd });
  assert.match(other.headers['set-cookie']?.[1] ?? '', /^loadstone-device=[\w-]{43};/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const far = await one.ask({ method: 'POST', url: '/v1/session', payload, remoteAddress: '10.1.2.3' });
  assert.equal(far.json().code, 'LS-API-003');
  const secure = await rig({ publicOrigin: 'https://grid.example', trustedProxies: ['10.1.2.3'] });
  const headers = { host: 'grid.example', origin: 'https://grid.example', 'x-forwarded-proto': 'https' };
  const signedIn = await secure.ask({
    method: 'POST',
    url: '/v1/session',
    payload,
    headers,
    remoteAddress: '10.1.2.3',
  });
  for (const [at, name] of ['session', 'device'].entries())
    assert.match(
      signedIn.headers['set-cookie']?.[at] ?? '',
      new RegExp(`^__Host-loadstone-${name}=[\\w-]{43}; .*Path=/; HttpOnly; Secure; SameSite=Strict$`),
    );
  const plain = { ...headers, origin: 'http://grid.example' };
  assert.equal((await secure.ask({ method: 'POST', url: '/v1/session', payload, headers: plain })).statusCode, 403);
});

test('only the first cookie of exactly our name counts', async () => {
  const { people, ask } = one;
  const [own, other] = [await people.signIn('viewer', 'viewer-password'), await people.signIn('owd', 'owd-password')];
  const seen = async (cookie: string) => (await ask({ url: '/v1/session', headers: { cookie } })).json().user?.name;
  const ours = `loadstone-session=${own}`;
  assert.equal(await seen(ours), 'viewer');
  assert.equal(await seen(`${ours}; loadstone-session=${other}`), 'viewer', 'the first of two');
  assert.equal(await seen(`loadstone-session=; ${ours}`), undefined, 'an empty one is the first');
  const beside = ['a', '=', ';', ';;;;', '=;', 'a=b=c', '__proto__=x', 'constructor=x', 'x=%', '"', 'q="a;b"', '\t'];
  for (const each of [...beside, beside.join('; '), ';='.repeat(6000)]) {
    assert.equal(await seen(`${each};${ours}`), 'viewer', each.slice(0, 80));
    assert.equal(await seen(`${ours}; ${each}`), 'viewer', each.slice(0, 80));
    assert.equal(await seen(each), undefined, each.slice(0, 80));
  }
  for (const name of [
    'x-loadstone-session',
    'LOADSTONE-SESSION',
    '__Host-loadstone-session',
    '\u00a0loadstone-session',
  ])
    assert.equal(await seen(`${name}=${own}`), undefined, name);
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

test('guests read over loopback where allowed, and nowhere else', async () => {
  const guests = await rig({ guests: true });
  const read = async (more: InjectOptions) => (await guests.ask({ url: '/v1/gateways', ...more })).statusCode;
  assert.equal(await read({}), 200);
  assert.equal(await read({ remoteAddress: '10.1.2.3' }), 401);
  assert.equal(await read({ headers: { authorization: 'Bearer wrong' } }), 401);
  assert.equal(await read({ headers: { authorization: 'Basic bm90aGluZw==' } }), 401);
  assert.equal((await guests.ask({ url: '/v1/audit' })).statusCode, 403);
  assert.equal((await guests.ask(SPIKE)).statusCode, 401);
  assert.deepEqual((await guests.ask({ url: '/v1/session' })).json().rights, ['planner:read']);
  assert.deepEqual((await one.ask({ url: '/v1/session' })).json(), { user: null, rights: [], csrf: null, demo: null });
});

test('the demo shows its operator credentials over loopback only', async () => {
  const demoUser = { name: 'demo-operator', password: 'shown' };
  const demo = await rig({ guests: true, demoUser });
  assert.deepEqual((await demo.ask({ url: '/v1/session' })).json().demo, demoUser);
  assert.equal((await demo.ask({ url: '/v1/session', remoteAddress: '10.1.2.3' })).json().demo, null);
  const notice = 'For staff alone.\nWhat you do is recorded.';
  const warned = await rig({ notice });
  assert.equal((await warned.ask({ url: '/v1/session' })).json().notice, notice);
  const { headers } = await warned.signIn('viewer');
  assert.equal((await warned.ask({ url: '/v1/session', headers })).json().notice, undefined);
});

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
      assert.equal((await ask({ method, url, headers: sessions.get(role)!.headers })).statusCode, 403, role);
  const held = { authorization: `Bearer ${made[0]!.secret}` };
  assert.equal((await ask({ url, headers: held })).statusCode, 403, 'nor by a token of the person');

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

test('refusals are audited with their code, failed sign-ins with the given name', async () => {
  const { audit, ask } = one;
  await ask({ ...SPIKE, headers: sessions.get('viewer')!.headers });
  assert.deepEqual(audit.entries.at(-1), { who: 'viewer', what: 'POST /v1/simulation/events', outcome: 'LS-API-003' });
  await ask({ method: 'POST', url: '/v1/session', payload: { user: 'eve\n', password: 'x' } });
  const to = { address: '127.0.0.1' };
  assert.deepEqual(audit.entries.at(-1), { who: 'eve\n', what: 'POST /v1/session', to, outcome: 'LS-API-002' });
  await ask({ ...SPIKE, headers: { authorization: `Bearer ${TOKEN}` } });
  const spiked = audit.entries.at(-1)!;
  assert.deepEqual([spiked.who, spiked.on, spiked.to], ['owner', 'feeder:owd-1', { percent: 30, durationS: 300 }]);
});

test('repeated password guesses become one audit entry, written before the owner signs in', async () => {
  const clock = new VirtualClock(START);
  const { app, ask, audit, deps } = await rig({ clock, people: openedPeople(() => clock.machine.now()) });
  const attempt = (password: string) =>
    ask({ method: 'POST', url: '/v1/session', payload: { user: 'viewer', password } });
  for (let n = 0; n < 300; n++) {
    await attempt('guess');
    await clock.advance(1000);
  }
  assert.equal(audit.entries.length, 6);
  await clock.advance(5 * 60_000);
  assert.equal((await attempt('viewer-password')).statusCode, 200);
  const [soon, counted, opened] = audit.entries.slice(5);
  assert.equal(audit.entries.length, 8);
  assert.match(soon!.why!, /^60 further failed attempts for account viewer/);
  assert.match(
    counted!.why!,
    /^235 further failed attempts for account viewer from 127\.0\.0\.1 between \S+Z and \S+Z$/,
  );
  assert.deepEqual([opened!.who, opened!.outcome], ['viewer', 'done']);
  await attempt('guess');
  await app.close();
  await deps.attempts.close();
  assert.match(audit.entries.at(-1)!.why!, /^1 further failed/);
});

test('an act that cannot be audited fails', async () => {
  const append = (): never => {
    throw new Error('disk full');
  };
  const { ask } = await rig({
    audit: {
      append,
      appendStop: append,
      list: async () => [],
      verify: async () => ({ entries: 0, problem: undefined, witness: null }),
    },
  });
  const answer = await ask({ ...SPIKE, headers: { authorization: `Bearer ${TOKEN}` } });
  assert.equal(answer.statusCode, 500);
});

test('a stop that has gone out is answered although it cannot be audited yet; no other act is, and no refusal waits', async () => {
  const append = (): never => {
    throw new Error('disk full');
  };
  const waiting: unknown[] = [];
  const appendStop = async (facts: unknown) => void waiting.push(facts);
  const operators: OwnerChanges['operators'] = {
    ask: async (_actor, { target }) => {
      if (target === 'substation:none') throw new LoadstoneError('LS-API-004', 'there is no such target');
      if (target === 'substation:whf') throw new Error('one of its sends failed');
      return { commands: [], approval: null };
    },
  };
  const { ask } = await rig({
    own: { operators },
    audit: {
      append,
      appendStop,
      list: async () => [],
      verify: async () => ({ entries: 0, problem: undefined, witness: null }),
    },
  });
  const acts = (kind: string, target: string) =>
    ask({
      method: 'POST',
      url: '/v1/acts',
      payload: { kind, target, reason: 'smoke' },
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  assert.equal((await acts('stop', 'substation:owd')).statusCode, 202);
  assert.deepEqual(
    waiting.map((facts) => ({ ...(facts as object), who: undefined })),
    [
      {
        on: 'substation:owd',
        to: { kind: 'stop' },
        why: 'smoke',
        who: undefined,
        what: 'POST /v1/acts',
        outcome: 'done',
      },
    ],
  );
  assert.equal((await acts('stop', 'substation:none')).statusCode, 404);
  assert.equal((await acts('tag', 'feeder:owd-1')).statusCode, 500);
  assert.equal(waiting.length, 1);
  assert.equal((await acts('stop', 'substation:whf')).statusCode, 500);
  assert.equal(waiting.length, 2, 'what has gone out of it is worth its entry');
});

/** A server that streams, and how a person of a role opens its stream. */
async function streaming() {
  const live = await rig();
  live.stream.start();
  await live.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = live.app.server.address() as { port: number };
  const open = async (role: string) => {
    const { cookie } = (await live.signIn(role)).headers;
    const answer = await fetch(`http://127.0.0.1:${port}/v1/stream?topics=event`, { headers: { cookie } });
    assert.equal(answer.status, 200);
    return answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  };
  return { live, open };
}

test('a stream whose role is narrowed tells its page the new rights, and other pages nothing', async () => {
  const { live, open } = await streaming();
  const operator = await open('operator');
  const planner = await open('planner');
  await live.people.putUser({ name: 'operator', roles: ['viewer'], areas: '*', disabled: false });
  live.deps.notify({ kind: 'event', data: shownEvent(9) });
  const seen = await Promise.all(
    [operator, planner].map(async (reader) => {
      let text = '';
      while (!text.includes('{"id":9,')) text += (await reader.read()).value ?? '';
      return [...text.matchAll(/event: session\ndata: (.*)/g)].map(([, data]) => JSON.parse(data!) as unknown);
    }),
  );
  const of = (role: keyof typeof RIGHTS) => ({ rights: RIGHTS[role], locked: false });
  assert.deepEqual(seen, [[of('operator'), of('viewer')], [of('planner')]]);
  live.stream.stop();
});

test('revoking a role ends its stream; others continue', async () => {
  const { live, open } = await streaming();
  const viewer = await open('viewer');
  const operator = await open('operator');
  await live.people.putUser({ name: 'viewer', roles: [], areas: '*', disabled: false });
  for (let part = await viewer.read(); !part.done; part = await viewer.read());
  live.deps.notify({ kind: 'event', data: shownEvent(9) });
  let seen = '';
  while (!seen.includes('{"id":9,')) seen += (await operator.read()).value ?? '';
  live.stream.stop();
});
