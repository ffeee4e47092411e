import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { buildApi } from './app.ts';
import { cookieDefaults } from './callers/credentials.ts';
import { fixtureDeps } from './testing/api-fixture.ts';

const PUBLIC = 'https://grid.example';
const credentials = { user: 'anna', password: 'a-long-password' };

async function served(overrides: Parameters<typeof fixtureDeps>[0] = {}) {
  const deps = fixtureDeps({ guests: true, ...overrides });
  await deps.people.ensureUser({ name: 'anna', roles: ['viewer'], areas: '*' }, 'a-long-password');
  const { app } = await buildApi(deps);
  after(() => app.close());
  const ask = (headers: Record<string, string>, more: InjectOptions = {}) =>
    app.inject({ url: '/v1/substations', ...more, headers: { host: 'localhost', ...headers } });
  const signIn = (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
    ask(headers, { method: 'POST', url: '/v1/session', payload: credentials, remoteAddress });
  return { deps, ask, signIn };
}

const byProxy = { publicOrigin: PUBLIC, trustedProxies: ['127.0.0.1', '10.0.0.0/24'] };
const forwarded = (address: string) => ({
  host: 'grid.example',
  'x-forwarded-for': address,
  'x-forwarded-proto': 'https',
});

test('a client behind an unnamed proxy is not a guest and cannot sign in', async () => {
  const { ask, signIn } = await served();
  assert.equal((await ask({})).statusCode, 200, 'a guest on this machine may read');
  const hints = {
    'x-forwarded-for': '203.0.113.5',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'x',
    'x-real-ip': '203.0.113.5',
    forwarded: 'for=203.0.113.5',
    via: '1.1 proxy',
  };
  for (const [name, value] of Object.entries(hints)) {
    assert.equal((await ask({ [name]: value })).statusCode, 401, name);
    const { code, detail } = (await signIn({ [name]: value })).json();
    assert.equal(code, 'LS-API-003', name);
    assert.match(detail, /require HTTPS: set api\.tls, or api\.publicOrigin and api\.trustedProxies/);
  }
});

test('behind a proxy no client counts as loopback', async () => {
  const { ask } = await served({ ...byProxy, demoUser: { name: 'demo', password: 'shown at home' } });
  for (const headers of [forwarded('203.0.113.5'), forwarded('127.0.0.1'), { host: 'grid.example' }, {}]) {
    assert.equal((await ask(headers)).statusCode, 401);
    const session = await ask(headers, { url: '/v1/session' });
    assert.deepEqual([session.json().demo, session.json().rights], [null, []]);
  }
});

test('people sign in through the named proxy, and only over HTTPS', async () => {
  const { signIn } = await served(byProxy);
  const inside = await signIn({ ...forwarded('203.0.113.5'), origin: PUBLIC });
  assert.equal(inside.statusCode, 200, inside.body);
  assert.match(
    String(inside.headers['set-cookie']),
    /^__Host-loadstone-session=.*; HttpOnly; Secure; SameSite=Strict$/,
  );
  assert.match(String(inside.headers['strict-transport-security']), /^max-age=\d{8}$/);
  assert.equal((await signIn(forwarded('203.0.113.5'), '10.0.0.7')).statusCode, 200);
  const plain = await signIn({ ...forwarded('203.0.113.5'), 'x-forwarded-proto': 'http' });
  assert.equal(plain.json().code, 'LS-API-003');
  const silent = await signIn({ host: 'grid.example', 'x-forwarded-for': '203.0.113.5' });
  assert.match(silent.json().detail, /x-forwarded-proto/);
  const elsewhere = await signIn(forwarded('203.0.113.5'), '10.0.1.7');
  assert.match(elsewhere.json().detail, /connect through a proxy named in api\.trustedProxies/);
});

test('sign-ins are counted by the address that the named proxy saw, not by what its client claims', async () => {
  const { signIn } = await served(byProxy);
  const said: number[] = [];
  for (let count = 0; count < 30; count++)
    said.push((await signIn(forwarded(`198.51.100.${count}, 203.0.113.5`))).statusCode);
  assert.ok(said.includes(429), said.join(' '));
  assert.equal((await signIn(forwarded('198.51.100.200, 203.0.113.6'))).statusCode, 200);
});

test('all addresses of one IPv6 connection count as one', async () => {
  const { signIn } = await served(byProxy);
  const said: number[] = [];
  for (let count = 0; count < 30; count++)
    said.push((await signIn(forwarded(`2001:db8:1:2:${count.toString(16)}::5`))).statusCode);
  assert.ok(said.includes(429), said.join(' '));
  assert.equal((await signIn(forwarded('2001:db8:1:3::5'))).statusCode, 200);
});

test('without a named proxy, x-forwarded-proto is not trusted', async () => {
  const { ask } = await served({ tls: true });
  const answer = await ask({ 'x-forwarded-proto': 'https' }, { remoteAddress: '203.0.113.5' });
  assert.equal(answer.headers['strict-transport-security'], undefined);
  assert.equal(cookieDefaults({ tls: true, publicOrigin: '', trustedProxies: [] }).secure, true);
});
