import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { buildRegion } from '../region/region.ts';

const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-second-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Resolves once it has said so. */
  readonly says: (what: RegExp) => Promise<void>;
  readonly ended: Promise<number | null>;
}

/** The very process, without the launcher before it: kill -9 reaches it. */
function start(t: TestContext, ...args: string[]): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      for (const each of heard) each();
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const says = (what: RegExp): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (what.test(text)) resolve();
    };
    heard.add(look);
    look();
    void ended.then(() => reject(new Error(`it ended before it said ${what}: ${text}`)));
    return promise;
  };
  return { child, said: () => text, says, ended };
}

const runs = ({ says }: Started, what: RegExp): Promise<string> => says(what).then(() => 'it runs');

test('two clouds never write one data folder: the second is refused, and the next comes in once the first was killed with -9', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion()));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'users.htpasswd'), '');
  writeFileSync(
    join(folder, 'cloud.yaml'),
    `region: ${folder}/region.json\ndata: ${folder}/data\nuplink: { port: 0 }\napi: { port: 0 }\n`,
  );
  const config = join(folder, 'cloud.yaml');
  const first = start(t, 'cloud', '--config', config);
  await first.says(/Loadstone cloud: http/);

  const second = start(t, 'cloud', '--config', config);
  assert.equal(await Promise.race([second.ended, runs(second, /Loadstone cloud: http/)]), 1, second.said());
  assert.match(second.said(), /LS-DATA-001: .*\/data is in use by "loadstone cloud --config /);
  assert.match(second.said(), new RegExp(`process ${first.child.pid} on .*, since 20\\d\\d-`));
  assert.match(second.said(), /Stop the process that the message names/);

  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(t, 'cloud', '--config', config);
  await third.says(/Loadstone cloud: http/);
});

test('two gateways never write one journal, whatever their sockets are', async (t) => {
  const folder = folderOf(t);
  const site = (name: string): string => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(
      file,
      `gateway: { id: owd-01, substation: owd }\njournal: { path: ${folder}/journal }\n` +
        `socket: { path: ${folder}/${name}.sock }\nlocalBroker: { listen: "127.0.0.1:0" }\n`,
    );
    return file;
  };
  mkdirSync(join(folder, 'journal'));
  const first = start(t, 'edge', '--config', site('one'));
  await first.says(/gateway runs/);
  const second = start(t, 'edge', '--config', site('two'));
  assert.equal(await Promise.race([second.ended, runs(second, /gateway runs/)]), 1, second.said());
  assert.match(second.said(), /LS-DATA-001: .*\/journal is in use by "loadstone edge --config /);
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(t, 'edge', '--config', site('two'));
  await third.says(/gateway runs/);
  third.child.kill('SIGTERM');
  assert.equal(await third.ended, 0);
});
