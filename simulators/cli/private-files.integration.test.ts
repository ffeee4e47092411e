import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';

const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');
const folder = mkdtempSync(join(tmpdir(), 'loadstone-private-'));
const data = join(folder, 'data');
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
// The default of most shells and services: others may read.
process.umask(0o022);

/** Starts a cloud that listens. */
async function cloud(): Promise<{ end(signal: NodeJS.Signals): Promise<void> }> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, 'cloud', '--config', join(folder, 'cloud.yaml')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'close');
  await until(
    () => `the cloud listens: ${said}`,
    () => child.exitCode !== null || said.includes('Loadstone cloud: '),
  );
  assert.equal(child.exitCode, null, said);
  return {
    end: async (signal) => {
      child.kill(signal);
      await ended;
      running.delete(child);
    },
  };
}

const everything = (): string[] => [
  data,
  ...readdirSync(data, { recursive: true, encoding: 'utf8' }).map((name) => join(data, name)),
];

/** Files and folders that others may read, write or enter, with their modes. */
const openToOthers = (): string[] =>
  everything()
    .filter((path) => (statSync(path).mode & 0o077) !== 0)
    .map((path) => `${relative(folder, path)} ${(statSync(path).mode & 0o777).toString(8)}`);

/** Public keys: an engineer copies the file to a gateway, which runs as another user. */
const PUBLIC = ['data/trusted-keys.json 644'];

test("the cloud's files are private, in a new folder and in one an older version left open", async () => {
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  writeFileSync(
    join(folder, 'cloud.yaml'),
    `region: ${folder}/region.json\ndata: ${data}\nuplink: { plainPort: 0, usersFile: ${folder}/users }\napi: { port: 0 }\n`,
  );
  writeFileSync(join(folder, 'users'), '');
  const first = await cloud();
  const names = everything().map((path) => relative(data, path));
  for (const name of [
    'state.sqlite',
    'state.sqlite-wal',
    'state.sqlite-shm',
    'planner.sqlite',
    'telemetry.sqlite',
    'audit.jsonl',
  ])
    assert.ok(names.includes(name), `${name} is not among ${names.join(', ')}`);
  assert.deepEqual(openToOthers(), PUBLIC);
  await first.end('SIGKILL');

  mkdirSync(join(data, 'exports', 'old'), { recursive: true });
  const foreign = join(folder, 'foreign');
  for (const path of [
    foreign,
    join(data, 'exports', 'old', 'exp.csv'),
    join(data, 'users.htpasswd'),
    join(data, 'people.sqlite.taken'),
  ])
    writeFileSync(path, '');
  for (const path of everything()) chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
  symlinkSync(foreign, join(data, 'exports', 'link'));
  writeFileSync(join(data, 'notes.txt'), 'of another user');
  const second = await cloud();
  const others = [...PUBLIC, 'data/notes.txt 644', 'data/exports/link 644'];
  assert.deepEqual(openToOthers().toSorted(), others.toSorted());
  assert.equal(statSync(foreign).mode & 0o777, 0o644, 'a link points outside');
  await second.end('SIGTERM');
});
