import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayUsers, gatewayUserLine, parseUsers, type UserVerdict } from './gateway-users.ts';

let now = 0;
const time = { elapsed: (): number => now };
const RIGHT = 'a long and right one';
const users = async (): Promise<GatewayUsers> =>
  new GatewayUsers(parseUsers(await gatewayUserLine('owd-01', RIGHT), 'users'), time);

interface Asked {
  readonly gateway?: string;
  readonly address?: string;
  readonly gone?: () => boolean;
}

const ask = (of: GatewayUsers, password: string | undefined, asked: Asked = {}): Promise<UserVerdict> =>
  of.check({
    gateway: 'owd-01',
    address: '10.0.0.1',
    gone: () => false,
    ...asked,
    password: password === undefined ? undefined : new TextEncoder().encode(password),
  });

test('the right password is accepted, at once if repeated; a wrong one never is', async () => {
  const known = await users();
  assert.equal(await ask(known, 'wrong'), 'wrong');
  assert.equal(await ask(known, RIGHT), 'known');
  assert.equal(await ask(known, RIGHT), 'known');
  assert.equal(await ask(known, 'wrong'), 'wrong');
  assert.equal(await ask(known, undefined), 'wrong');
  assert.equal(await ask(known, RIGHT, { gateway: 'wls-01' }), 'wrong');
});

test('an empty users file admits nobody', async () => {
  const nobody = new GatewayUsers(parseUsers('# none yet\n', 'users'), time);
  assert.equal(await ask(nobody, RIGHT), 'wrong');
});

test('in a storm, attempts without a slot must retry; known clients get a slot', async () => {
  const known = await users();
  assert.equal(await ask(known, RIGHT), 'known');
  let asked = 0;
  // All but the first two wait, and have disconnected by their turn: nothing is derived for them.
  const guesses = Array.from({ length: 300 }, (_, at) =>
    ask(known, `guess ${at}`, { address: `10.1.${at}.1`, gone: () => (at < 2 ? false : asked++ >= 0) }),
  );
  assert.equal(await ask(known, RIGHT), 'known');
  const verdicts = await Promise.all(guesses);
  assert.deepEqual(verdicts.slice(0, 2), ['wrong', 'wrong']);
  assert.ok(verdicts.slice(2).every((verdict) => verdict === 'busy'));
  assert.equal(asked, 200, 'as many as may wait');
});

test('parallel guesses get no more tries than sequential ones', async () => {
  const known = await users();
  const verdicts = await Promise.all(Array.from({ length: 50 }, (_, at) => ask(known, `guess ${at}`)));
  assert.equal(verdicts.filter((verdict) => verdict === 'wrong').length, 5);
  assert.equal(await ask(known, 'one more'), 'busy');
  assert.equal(await ask(known, 'one more', { address: '10.0.0.2' }), 'wrong', 'from elsewhere');
  now += 1000;
  assert.equal(await ask(known, RIGHT), 'known', 'after the rest');
  assert.equal(await ask(known, 'wrong'), 'wrong', 'and nothing counts against it');
});

test('an IPv6 site counts as one address', async () => {
  const known = await users();
  for (let guess = 0; guess < 5; guess++) await ask(known, 'wrong', { address: `2001:db8::${guess}:1` });
  assert.equal(await ask(known, 'wrong', { address: '2001:DB8:0:0:9::' }), 'busy');
  assert.equal(await ask(known, 'wrong', { address: '2001:db8:0:1::' }), 'wrong');
});

test('a gateway removed or given another password is no longer known, and is announced', async () => {
  const lines = await Promise.all(['owd-01', 'wls-01', 'mnzl-01'].map((id) => gatewayUserLine(id, RIGHT)));
  const known = new GatewayUsers(parseUsers(lines.join('\n'), 'users'), time);
  for (const gateway of ['owd-01', 'wls-01', 'mnzl-01']) assert.equal(await ask(known, RIGHT, { gateway }), 'known');
  const changed = await gatewayUserLine('wls-01', 'another');
  assert.deepEqual(known.replace(parseUsers([lines[0], changed].join('\n'), 'users')), ['wls-01', 'mnzl-01']);
  assert.equal(await ask(known, RIGHT), 'known');
  for (const gateway of ['wls-01', 'mnzl-01']) assert.equal(await ask(known, RIGHT, { gateway }), 'wrong');
});

test('a password check whose connection drops counts as wrong', async () => {
  const known = await users();
  const asked = ask(known, RIGHT);
  known.replace(new Map());
  assert.equal(await asked, 'wrong');
  assert.equal(await ask(known, RIGHT), 'wrong');
});
