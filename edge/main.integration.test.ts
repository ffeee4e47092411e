import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { machineMonotonicMs } from '../shared/time/system-clock.ts';
import { until } from '../shared/testing/until.ts';
import { RIG_YAML } from './cycle/testing/rig.ts';

const CLI = fileURLToPath(new URL('../deploy/edge-cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ls-edge-'));
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

function cli(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], { cwd: folder });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.end();
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}

interface DaemonProcess {
  readonly child: ChildProcess;
  readonly port: Promise<number>;
  readonly cycles: number[];
  readonly ended: Promise<Ended>;
}

function daemon(args: readonly string[]): DaemonProcess {
  const child = fork(CLI, ['edge', ...args], {
    cwd: folder,
    silent: true,
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  running.add(child);
  let out = '';
  const { promise: port, resolve } = Promise.withResolvers<number>();
  const hear = (chunk: Buffer): void => {
    out += chunk.toString();
    const found = /"port":(\d+)/.exec(out);
    if (found !== null) resolve(Number(found[1]));
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const cycles: number[] = [];
  child.on('message', (message: { type: string; plantTime: number }) => {
    if (message.type === 'cycle') cycles.push(message.plantTime);
  });
  // Not `close`, which is never emitted for a child whose channel the parent has closed.
  const exited = once(child, 'exit');
  const ended = (async (): Promise<Ended> => {
    const [code] = (await exited) as [number | null];
    await new Promise((settle) => setTimeout(settle, 50));
    running.delete(child);
    resolve(-1);
    return { code, out };
  })();
  return { child, port, cycles, ended };
}

const yaml = RIG_YAML.replace('mode: automatic', 'mode: automatic\nlocalBroker: { listen: "127.0.0.1:0" }');

test('the daemon guards an mqtt.js device, serves its socket and stops within 2 s of SIGTERM', async () => {
  const config = write(
    'gateway.yaml',
    `${yaml}journal: { path: ${join(folder, 'a')} }\nuplink: { url: "mqtt://127.0.0.1:1" }\n`,
  );
  const edge = daemon(['--config', config]);
  const port = await edge.port;
  assert.ok(port > 0);
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  const setpoints: number[] = [];
  device.on('message', (_topic, payload) => setpoints.push(Number(payload.toString())));
  await device.subscribeAsync('b/set');
  const world: Record<string, number> = {
    't/p': 200,
    't/q': 0,
    't/v': 1,
    'f/p': 100,
    'b/p': 0,
    'b/soc': 60,
    'pv/p': 0,
    'pv/v': 1,
    'ev/p': 20,
  };
  const report = async (): Promise<void> => {
    for (const [topic, value] of Object.entries(world)) await device.publishAsync(topic, String(value));
  };
  await until('the check shows the battery', async () => {
    await report();
    return (await cli(['edge', 'check', '--config', config])).out.includes('battery-1 takes 0.0 kW');
  });
  world['t/p'] = 690;
  await report();
  await until('the guard answers', () => setpoints.some((kw) => kw < -20));
  const status = await cli(['edge', 'status', '--config', config]);
  assert.equal(status.code, 0, status.out);
  for (const part of [/uplink +down/, /guard +relieves/, /battery-1 .* (guard|grid-limit)/, /LACKS +trust\.keysFile/]) {
    assert.match(status.out, part);
  }
  const manual = await cli(['edge', 'manual', 'on', '--for', '2h', '--reason', 'meter swap', '--config', config]);
  assert.deepEqual([manual.code, /local manual for 7200 s/.test(manual.out)], [0, true]);
  const bare = await cli(['edge', 'resume', 'pv-1', '--config', config]);
  assert.deepEqual([bare.code, /needs --reason/.test(bare.out)], [2, true]);
  const halted = await cli(['edge', 'stop', 'pv-1', '--config', config]);
  assert.deepEqual([halted.code, /pv-1 goes to its safe default/.test(halted.out)], [0, true]);
  const stop = await cli(['edge', 'stop', 'nobody', '--reason', 'x', '--config', config]);
  assert.deepEqual([stop.code, /there is no device nobody/.test(stop.out)], [1, true]);
  await device.endAsync();
  edge.child.kill('SIGTERM');
  const { code, out } = await edge.ended;
  assert.equal(code, 0, out);
  const gone = await cli(['edge', 'status', '--config', config]);
  assert.deepEqual([gone.code, /is it running\?/.test(gone.out)], [1, true]);
});

/**
 * Paths below a folder that others may read, write or enter, with their modes. A file may vanish meanwhile, because the gateway is
 * running.
 */
const openToOthers = (path: string): string[] =>
  [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))].flatMap(
    (each) => {
      const mode = statSync(each, { throwIfNoEntry: false })?.mode ?? 0;
      return (mode & 0o077) === 0 ? [] : [`${relative(path, each)} ${(mode & 0o777).toString(8)}`];
    },
  );

test("the gateway's files are private, also in a folder that an older version left open", async () => {
  // The default of most shells: others may read.
  process.umask(0o022);
  const journal = join(folder, 'private');
  const socket = join(folder, 'run', 'edge.sock');
  const config = write(
    'private.yaml',
    `${yaml}journal: { path: ${journal} }\nsocket: { path: ${socket} }\nuplink: { url: "mqtt://127.0.0.1:1" }\n`,
  );
  const first = daemon(['--config', config]);
  await first.port;
  const kept = (): string[] => readdirSync(journal, { recursive: true, encoding: 'utf8' });
  await until(
    'state and a segment are kept',
    () => kept().includes('state.json') && kept().some((name) => name.endsWith('.seg')),
  );
  assert.deepEqual(openToOthers(journal), []);
  const modes = [socket, dirname(socket)].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes, [0o660, 0o750], 'the socket is for the group');
  first.child.kill('SIGKILL');
  await first.ended;

  const old = { 'training/update.json': '{}', 'documents/plan.json': '{}', 'model/a.onnx': '', 'events/lost.seg': '' };
  for (const [name, text] of Object.entries(old)) {
    mkdirSync(dirname(join(journal, name)), { recursive: true });
    writeFileSync(join(journal, name), text);
  }
  for (const path of [journal, ...kept().map((name) => join(journal, name))])
    chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
  const second = daemon(['--config', config]);
  await second.port;
  assert.deepEqual(openToOthers(journal), []);
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).code, 0);
});

test('a stop by a person survives kill -9 and restart', async () => {
  const config = write(
    'kill.yaml',
    `${yaml}journal: { path: ${join(folder, 'kill')} }\nuplink: { url: "mqtt://127.0.0.1:1" }\n`,
  );
  const first = daemon(['--config', config]);
  await first.port;
  await until(
    'the stop is taken',
    async () => (await cli(['edge', 'stop', '--reason', '', '--config', config])).code === 0,
  );
  // The state is persisted each second.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  first.child.kill('SIGKILL');
  await first.ended;
  const second = daemon(['--config', config]);
  await second.port;
  await until('it starts stopped', async () => {
    const status = await cli(['edge', 'status', '--config', config]);
    return status.code === 0 && status.out.includes('STOPPED');
  });
  second.child.kill('SIGTERM');
  await second.ended;
});

test("under a parent's time line the daemon keeps cycles of 1 s of plant time at any speed", async () => {
  const config = write(
    'line.yaml',
    `${yaml}journal: { path: ${join(folder, 'b')} }\nuplink: { url: "mqtt://127.0.0.1:1" }\n`,
  );
  const edge = daemon(['--config', config, '--timeline']);
  const plantOriginMs = Date.UTC(2021, 8, 25);
  edge.child.send({ type: 'timeline', line: { plantOriginMs, monotonicOriginMs: machineMonotonicMs(), speed: 60 } });
  await until('thirty cycles', () => edge.cycles.length > 30);
  const steps = edge.cycles.slice(5, 30).map((time, index) => time - edge.cycles[index + 4]!);
  assert.ok(
    steps.every((step) => step > 0),
    'plant time goes forward',
  );
  assert.ok(edge.cycles[0]! > plantOriginMs);
  edge.child.disconnect();
  const { code, out } = await edge.ended;
  assert.equal(code, 0, out);
});

test('the daemon starts before its network and reports that; a second daemon is refused', async () => {
  const journal = join(folder, 'early');
  const elsewhere = `localBroker: { listen: "203.0.113.7:18830", userFile: ${join(folder, 'none.htpasswd')} }`;
  const config = write(
    'early.yaml',
    `${RIG_YAML}${elsewhere}\nwatch: { listen: "203.0.113.7:9464" }\njournal: { path: ${journal} }\nuplink: { url: "mqtt://203.0.113.7:1883", userFile: none }\n`,
  );
  // It has run before, so an upgrade does not end its control.
  mkdirSync(journal);
  writeFileSync(join(journal, 'state.json'), '{}');
  const edge = daemon(['--config', config]);
  assert.equal(await edge.port, 0);
  const { code, out } = await cli(['edge', 'check', '--socket', `${journal}.sock`]);
  assert.deepEqual([code, /lacks localBroker\.listen: .*203\.0\.113\.7.*retrying/.test(out)], [1, true], out);
  assert.match(out, /lacks uplink\.url: the password of uplink\.userFile .* unencrypted/);
  assert.match(out, /lacks watch\.listen: .*health and metrics are not served/);
  const second = await cli(['edge', '--config', config]);
  assert.deepEqual(
    [second.code, /LS-PORT-001: another gateway is running here/.test(second.out)],
    [1, true],
    second.out,
  );
  edge.child.kill('SIGTERM');
  assert.equal((await edge.ended).code, 0);
});

test('without a file the daemon starts and reports that; configuration and usage errors exit with 2', async () => {
  const edge = daemon([
    '--config',
    join(folder, 'none.yaml'),
    '--set',
    `journal.path=${join(folder, 'c')}`,
    '--set',
    'localBroker.listen=127.0.0.1:0',
  ]);
  assert.ok((await edge.port) > 0);
  edge.child.kill('SIGTERM');
  const { code, out } = await edge.ended;
  assert.equal(code, 0);
  assert.match(out, /lacks configuration: there is no file/);
  const plain = 'uplink: { url: "mqtt://203.0.113.7:1883", userFile: none }\n';
  const wrong = write('wrong.yaml', yaml.replace('importKw: 600', 'importKw: -600'));
  const cases: [string[], RegExp][] = [
    [['edge', '--config', wrong], /LS-CONFIG-004: .*wrong\.yaml:\d+: guarded\.0\.limits\.importKw must be >= 0/],
    [
      ['edge', '--config', write('plain.yaml', `${yaml}journal: { path: ${join(folder, 'never')} }\n${plain}`)],
      /LS-CONFIG-002: uplink\.url: .*unencrypted.*edge enrol/,
    ],
    [['edge', '--timeline'], /needs a parent process/],
    [['edge', '--nonsense'], /nonsense/],
    [['edge', 'frobnicate'], /LS-CONFIG-006: unexpected argument "frobnicate"/],
    [['edge', 'manual', 'on', '--for', 'soon', '--reason', 'x'], /expected a duration/],
  ];
  for (const [args, message] of cases) {
    const ended = await cli(args);
    assert.deepEqual([ended.code, message.test(ended.out)], [2, true], ended.out);
  }
  const printed = await cli(['edge', '--print-config']);
  assert.deepEqual([printed.code, /narrowAfterS: 900 {2}# without the cloud, a plan/.test(printed.out)], [0, true]);
});
