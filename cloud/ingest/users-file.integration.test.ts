import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { gatewayUserLine } from './gateway-users.ts';
import { readUsers, UsersFile } from './users-file.ts';

const time = new SystemClock((error) => assert.fail(String(error))).machine;
const line = (gateway: string): Promise<string> => gatewayUserLine(gateway, 'secret');

function followed(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-users-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'users');
  const heard: string[] = [];
  const users = new UsersFile({
    file,
    time,
    onChange: (entries) => void heard.push([...entries.keys()].join(' ')),
    onFault: (fault) => void heard.push(fault === null ? 'good again' : `${fault.code} ${fault.detail}`),
  });
  return { file, heard, users };
}

test('a change counts at the second look that finds it the same: a half written file counts for nothing', async (t) => {
  const { file, heard, users } = followed(t);
  writeFileSync(file, `${await line('owd-01')}\n`);
  await users.look();
  assert.deepEqual(heard, []);
  appendFileSync(file, await line('wls-01'));
  await users.look();
  assert.deepEqual(heard, []);
  await users.look();
  await users.look();
  assert.deepEqual(heard, ['owd-01 wls-01']);
});

test('a file that is away or broken is told of once, and counts again once it is whole', async (t) => {
  const { file, heard, users } = followed(t);
  for (const text of ['owd-01:plain\n', undefined, `${await line('owd-01')}\n`, '']) {
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
    for (let look = 0; look < 4; look++) await users.look();
  }
  assert.equal(heard.length, 5, heard.join('; '));
  assert.match(heard[0]!, /^LS-INGEST-020 .*users:1: expected gateway:scrypt/);
  assert.match(heard[1]!, /^LS-INGEST-020 .*no such file/);
  assert.deepEqual(heard.slice(2), ['good again', 'owd-01', '']);
});

test('at the start the file has to be there and whole; an empty one is, and admits nobody', (t) => {
  const { file } = followed(t);
  const why = (code: string, text: RegExp) => ({ code, message: text });
  assert.throws(() => readUsers(file), why('LS-CONFIG-003', /^uplink\.usersFile: there is no file \/.*edge passwd/));
  mkdirSync(`${file}.d`);
  assert.throws(() => readUsers(`${file}.d`), why('LS-CONFIG-003', /^uplink\.usersFile: EISDIR/));
  writeFileSync(file, 'owd-01:plain');
  assert.throws(() => readUsers(file), why('LS-CONFIG-003', /:1: expected/));
  writeFileSync(file, '');
  assert.equal(readUsers(file).size, 0);
});
