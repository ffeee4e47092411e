import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { openedPeople, START, TOKEN } from '../testing/api-fixture.ts';
import { roleRig, SPIKE } from '../testing/role-rig.ts';

const one = await roleRig();

test('the session cookie is hidden from scripts and other sites; over plain HTTP it is set on loopback only', async () => {
  const payload = { user: 'viewer', password: 'viewer-password' };
  const answer = await one.ask({ method: 'POST', url: '/v1/session', payload });
  const [session, device] = answer.headers['set-cookie'] as unknown as [string, string];
  assert.match(session, /^loadstone-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.match(device, /^loadstone-device=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Strict$/);
  const known = { cookie: device.split(';')[0]! };
  const again = await one.ask({ method: 'POST', url: '/v1/session', payload, headers: known });
  assert.equal(again.headers['set-cookie']?.[1], device, 'the browser is recognised');
  const odd = { cookie: 'loadstone-device=short' };
  const other = await one.ask({ method: 'POST', url: '/v1/session', payload, headers: odd });
  assert.match(other.headers['set-cookie']?.[1] ?? '', /^loadstone-device=[\w-]{43};/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const far = await one.ask({ method: 'POST', url: '/v1/session', payload, remoteAddress: '10.1.2.3' });
  assert.equal(far.json().code, 'LS-API-003');
  const secure = await roleRig({ publicOrigin: 'https://grid.example', trustedProxies: ['10.1.2.3'] });
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

test('only the first cookie with exactly our name counts', async () => {
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

test('presence keeps a desk unlocked without audit entries; locking it by hand is audited', async () => {
  const time = { now: START };
  const people = openedPeople(() => time.now, { lockAfterMs: 60_000 });
  const { ask, signIn, audit } = await roleRig({ people, lockAfterMin: 1 });
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

test('guests read over loopback where allowed, and nowhere else', async () => {
  const guests = await roleRig({ guests: true });
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
  const demo = await roleRig({ guests: true, demoUser });
  assert.deepEqual((await demo.ask({ url: '/v1/session' })).json().demo, demoUser);
  assert.equal((await demo.ask({ url: '/v1/session', remoteAddress: '10.1.2.3' })).json().demo, null);
  const notice = 'For staff alone.\nWhat you do is recorded.';
  const warned = await roleRig({ notice });
  assert.equal((await warned.ask({ url: '/v1/session' })).json().notice, notice);
  const { headers } = await warned.signIn('viewer');
  assert.equal((await warned.ask({ url: '/v1/session', headers })).json().notice, undefined);
});
