import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

test('a change takes effect once two reads agree: a half-written file is ignored', async (t) => {
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

test('a missing or broken file is reported once, and takes effect again once it is intact', async (t) => {
  const { file, heard, users } = followed(t);
  for (const text of ['owd-01:plain\n', undefined, `${await line('owd-01')}\n`, '']) {
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
    for (let look = 0; look < 4; look++) await users.look();
  }
  assert.equal(heard.length, 5, heard.join('; '));
  assert.match(heard[0]!, /^LS-INGEST-020 .*users:1: expected gateway:scrypt/);
  assert.match(heard[1]!, /^LS-INGEST-020 there is no file .*: gateways are let in by the last good one/);
  assert.deepEqual(heard.slice(2), ['good again', 'owd-01', '']);
});

test('a change that could not be read for lack of file handles takes effect once it can', async (t) => {
  const { file } = followed(t);
  writeFileSync(file, `${await line('owd-01')}\n`);
  const source = `import { closeSync, openSync } from 'node:fs';
    import { SystemClock } from ${JSON.stringify(join(import.meta.dirname, '../../shared/time/system-clock.ts'))};
    import { UsersFile } from ${JSON.stringify(join(import.meta.dirname, 'users-file.ts'))};
    const heard = [];
    const users = new UsersFile({
      file: ${JSON.stringify(file)},
      time: new SystemClock(() => undefined).machine,
      onChange: (entries) => void heard.push([...entries.keys()].join(' ')),
      onFault: (fault) => void heard.push(fault?.code ?? 'good again'),
    });
    await users.look();
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch {}
    for (let look = 0; look < 3; look++) await users.look();
    for (const each of open) closeSync(each);
    for (let look = 0; look < 3; look++) await users.look();
    console.log(heard.join(', '));`;
  const { stdout, stderr } = spawnSync(
    'sh',
    [
      '-c',
      'ulimit -n 100; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"',
      process.execPath,
      source,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(stdout, 'LS-INGEST-020, good again, owd-01\n', stderr);
});

test('at start the file must exist and be intact; an empty one admits nobody', (t) => {
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
