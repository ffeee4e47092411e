import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceUsers, userLine } from './device-users.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('an unreadable line shuts out its own user only, and is reported by its number without a secret', async () => {
  const [bms, pv] = [await userLine('bms', 'right'), await userLine('pv', 'other')];
  const lines = ['', bms, 'meter:geheim', pv, 'p4ssw0rd', pv.replace('scrypt', 'bcrypt')];
  const users = DeviceUsers.parse(lines.join('\r\n'), 'devices.htpasswd');
  assert.deepEqual(
    ['bms', 'meter', 'pv'].map((name) => users.has(name)),
    [true, false, false],
  );
  assert.deepEqual([await users.check('bms', bytes('right')), await users.check('pv', bytes('other'))], [true, false]);
  const why = 'expected name:scrypt$salt$hash, as "loadstone edge passwd NAME" prints it';
  assert.deepEqual(users.unread, [
    `LS-CONFIG-002: devices.htpasswd:3: ${why}; meter cannot connect`,
    `LS-CONFIG-002: devices.htpasswd:5: ${why}; its user cannot connect`,
    `LS-CONFIG-002: devices.htpasswd:6: ${why}; pv cannot connect`,
  ]);
});
