import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Journal } from '../journal/journal.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-logs-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(folder, ...parts);

/** `path`: where programs are looked up; without journalctl there is no log. */
async function logs(args: readonly string[], path?: string): Promise<{ code: number; out: string }> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '../../deploy/edge-cli.ts'),
      'edge',
      'logs',
      ...args,
    ],
    { env: { ...process.env, ...(path === undefined ? {} : { PATH: path }) } },
  );
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out };
}

const reportIn = (name: string): string => {
  const [file, ...more] = readdirSync(at(name));
  assert.deepEqual(more, []);
  assert.equal(statSync(at(name, file!)).mode & 0o777, 0o600);
  return readFileSync(at(name, file!), 'utf8');
};

test('the support file contains status, configuration and events but no secrets, also without a daemon', async () => {
  for (const part of ['etc', 'usb', 'journal', 'none']) mkdirSync(at(part));
  writeFileSync(at('etc/uplink-user'), 'owd-01:correct horse battery');
  writeFileSync(
    at('etc/gateway.yaml'),
    `# rotated: correct horse battery
gateway: { id: owd-01, substation: owd }
uplink: { url: "mqtts://grid.example.net:8883", userFile: ${at('etc/uplink-user')} }
journal: { path: ${at('journal')} }
`,
  );
  const clock = new SystemClock((error) => assert.fail(String(error)));
  const journal = new Journal({
    disk: new NodeDisk(at('journal')),
    clock,
    run: 1,
    syncMs: 50,
    budget: { maxBytes: 1e7, maxAgeMs: 86_400_000, eventReserveBytes: 1e5, segmentBytes: 1e5 },
    onAccepted: () => undefined,
    onNotice: () => undefined,
  });
  await journal.open();
  journal.append('events', new TextEncoder().encode('{"code":"guard.relieved"}'));
  await journal.close();

  const made = await logs(['--bundle', at('usb'), '--config', at('etc/gateway.yaml')], at('none'));
  assert.equal(made.code, 0, made.out);
  assert.match(made.out, /loadstone-owd-01-\d{8}T\d{6}Z\.support\.txt: \d+ kB/);
  const text = reportIn('usb');
  for (const part of [
    /^software {2}loadstone-edge/m,
    /== configuration .*\n\nvalid\n/,
    /grid\.example\.net:8883/,
    /no gateway answers/,
    /guard\.relieved/,
  ])
    assert.match(text, part);
  assert.match(text, /== log\n\nnot available: journalctl cannot be run/);
  assert.ok(!text.includes('correct horse'), text);
});

test('the support file contains an invalid configuration and what is wrong with it', async () => {
  for (const part of ['etc', 'broken', 'none']) mkdirSync(at(part), { recursive: true });
  writeFileSync(
    at('etc/broken.yaml'),
    'gateway: { id: owd-01, substation: owd }\nuplink: { url: "mqtt://me:hunter22@h" }\n',
  );
  const made = await logs(['--bundle', at('broken'), '--config', at('etc/broken.yaml')], at('none'));
  assert.equal(made.code, 0, made.out);
  const text = reportIn('broken');
  assert.match(text, /invalid: .*uplink\.url contains a user or password/);
  assert.ok(!text.includes('hunter22'), text);
});

test('edge logs reports an empty log', async () => {
  mkdirSync(at('quiet'), { recursive: true });
  writeFileSync(at('quiet/journalctl'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const quiet = await logs(['--since', '5m'], at('quiet'));
  assert.deepEqual(
    [quiet.code, quiet.out],
    [0, 'loadstone edge logs: no lines in the last 5m; --since 24h looks further back\n'],
  );
});

test('edge logs reports a missing log and an unwritable folder', async () => {
  mkdirSync(at('none'), { recursive: true });
  const none = await logs([], at('none'));
  assert.deepEqual([none.code, /LS-LOG-001: journalctl cannot be run/.test(none.out)], [1, true], none.out);
  const nowhere = await logs(['--bundle', at('not-there')], at('none'));
  assert.deepEqual([nowhere.code, /LS-LOG-002/.test(nowhere.out)], [1, true], nowhere.out);
  assert.equal((await logs(['--since', 'soon'], at('none'))).code, 2);
  assert.equal((await logs(['pv-1'], at('none'))).code, 2);
});
