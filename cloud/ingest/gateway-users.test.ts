import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayUsers, gatewayUserLine } from './gateway-users.ts';

const here = (): boolean => false;
const password = (text: string): Uint8Array => new TextEncoder().encode(text);
const users = async (): Promise<GatewayUsers> => GatewayUsers.parse(await gatewayUserLine('owd-01', 'right'), 'users');

test('the right password is known, again and at once; another one never is', async () => {
  const known = await users();
  assert.equal(await known.check('owd-01', password('wrong'), here), 'wrong');
  assert.equal(await known.check('owd-01', password('right'), here), 'known');
  assert.equal(await known.check('owd-01', password('right'), here), 'known');
  assert.equal(await known.check('owd-01', password('wrong'), here), 'wrong');
  assert.equal(await known.check('owd-01', undefined, here), 'wrong');
  assert.equal(await known.check('wls-01', password('right'), here), 'wrong');
});

test('in a storm whoever finds no room is told to come again, not that it is wrong; who was in before finds room', async () => {
  const known = await users();
  assert.equal(await known.check('owd-01', password('right'), here), 'known');
  let asked = 0;
  // All but the first two wait, and have hung up when it is their turn: nothing is derived for them.
  const guesses = Array.from({ length: 300 }, (_, at) =>
    known.check('owd-01', password(`guess ${at}`), () => (at < 2 ? false : asked++ >= 0)),
  );
  assert.equal(await known.check('owd-01', password('right'), here), 'known');
  const verdicts = await Promise.all(guesses);
  assert.deepEqual(verdicts.slice(0, 2), ['wrong', 'wrong']);
  assert.ok(verdicts.slice(2).every((verdict) => verdict === 'busy'));
  assert.equal(asked, 200, 'as many as may wait');
});
