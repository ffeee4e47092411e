import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';
import { run as runBackup } from '../../cloud/cli/backup.ts';
import { run as runRestore } from '../../cloud/cli/restore.ts';
import { gatewayUserLine } from '../../cloud/ingest/gateway-users.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { TestGateway } from '../../cloud/ingest/testing/test-gateway.ts';
import { Database } from '../../cloud/telemetry/database.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { until } from '../../shared/testing/until.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { buildRegion } from '../region/region.ts';
import { cloudFiles, folderOf, start, type Started } from './testing/started.ts';

const GATEWAY = 'owd-01';
const DEVICE = 'feeder-1';
const PASSWORD = 'secret of the gateway';
const PASSPHRASE = 'a passphrase of the drill';
const clock = new SystemClock(() => undefined);
const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.machine.after(ms, resolve));

async function uplinkOf(cloud: Started): Promise<string> {
  await cloud.says(/uplinks on [^ ]+:\d+/);
  return /uplinks on [^ ]+:(\d+)/.exec(cloud.said())![1]!;
}

/** A gateway over the real broker: it sends what is accepted, and again what no acknowledgement covers. */
class Uplink {
  readonly edge: TestGateway;
  #client: MqttClient | undefined;
  /** As the cloud that it is connected to told last: a restored one may have less than the one before. */
  #covered: (offset: number) => boolean = () => false;

  constructor() {
    this.edge = new TestGateway({
      gateway: GATEWAY,
      group: buildRegion().id,
      run: 7,
      send: async (topic, payload) => {
        await this.#client?.publishAsync(topic, Buffer.from(payload));
      },
      now: () => Math.round(clock.machine.now()),
    });
  }

  async connect(port: string): Promise<void> {
    const options = { clientId: GATEWAY, username: GATEWAY, password: PASSWORD, reconnectPeriod: 0 };
    this.#client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options, false);
    this.#client.on('error', () => undefined);
    this.#covered = () => false;
    this.#client.on('message', (_topic, payload) => {
      const { stream, run, upTo, ranges } = JSON.parse(payload.toString()) as Acknowledgement;
      if (stream !== 'measurements' || run !== this.edge.run) return;
      this.#covered = (offset) => offset <= upTo || ranges.some(([low, high]) => offset >= low && offset <= high);
    });
    await this.#client.subscribeAsync(topicFor('acknowledgement', GATEWAY));
    await this.edge.born([DEVICE]);
  }

  async frames(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const time = Math.round(clock.machine.now());
      await this.edge.sendFrame(this.edge.accept(DEVICE, time, { activePowerKw: this.edge.nextOffset }));
    }
  }

  open(): number[] {
    return [...this.edge.frames.keys()].filter((offset) => !this.#covered(offset));
  }

  async again(): Promise<void> {
    for (const offset of this.open()) await this.edge.sendFrame(offset, true);
  }

  end(): void {
    this.#client?.end(true);
  }
}

/** What the ledger of a folder calls stored, and the values that its store has, by offset. */
async function account(data: string): Promise<{ readonly stored: number[]; readonly readable: Set<number> }> {
  const ledger = new LedgerFile(new Database(join(data, 'state.sqlite')));
  const points = new SqliteStore({ path: join(data, 'telemetry.sqlite') });
  ledger.open();
  await points.open();
  try {
    const { runs } = await ledger.load();
    const spans = runs.filter(({ stream, gateway }) => stream === 'measurements' && gateway === GATEWAY);
    const stored = spans
      .flatMap((run) => run.spans.filter(({ state }) => state === 'stored'))
      .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
    const series = { gateway: GATEWAY, device: DEVICE, metric: 'activePowerKw' };
    const [samples = []] = await points.read({ series: [series], start: 0, end: Number.MAX_SAFE_INTEGER });
    return { stored, readable: new Set(samples.map(({ value }) => value)) };
  } finally {
    ledger.close();
    await points.close();
  }
}

/** A cloud with one gateway that may come in. */
function stage(
  t: TestContext,
): ReturnType<typeof cloudFiles> & { readonly folder: string; readonly passphrase: string } {
  const folder = folderOf(t);
  const files = cloudFiles(folder);
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, `${PASSPHRASE}\n`);
  return { ...files, folder, passphrase };
}

test('a backup of a cloud under traffic, kill -9, and a restore elsewhere: every range that the ledger calls stored is there, and the rest comes again', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  writeFileSync(join(data, 'users.htpasswd'), `${await gatewayUserLine(GATEWAY, PASSWORD)}\n`);
  const cloud = start(t, 'cloud', '--config', config);
  const uplink = new Uplink();
  t.after(() => uplink.end());
  await uplink.connect(await uplinkOf(cloud));
  const gateway = { sends: true };
  const traffic = (async () => {
    while (gateway.sends) {
      await uplink.frames(5);
      await pause(20);
    }
  })();
  const covered = (): number => uplink.edge.nextOffset - uplink.open().length;
  await until('acknowledged', () => (covered() > 200 ? true : undefined));

  const backup = join(folder, 'backup');
  const before = covered();
  const made = start(t, 'cloud', 'backup', backup, '--config', config, '--passphrase-file', passphrase);
  assert.equal(await made.ended, 0, made.said());
  assert.match(made.said(), /telemetry\.sqlite: \d+\.\d of \d+\.\d MB/);
  await until('acknowledged', () => (covered() > before + 100 ? true : undefined));
  gateway.sends = false;
  await traffic;
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  uplink.end();
  const text = readdirSync(backup)
    .map((name) => readFileSync(join(backup, name), 'latin1'))
    .join('');
  const { d } = JSON.parse(readFileSync(join(data, 'signing-key.json'), 'utf8')) as { readonly d: string };
  assert.ok(!text.includes(d), 'the key that signs is in the backup only sealed');

  const elsewhere = join(folder, 'elsewhere');
  const restored = start(t, 'cloud', 'restore', backup, '--data', elsewhere, '--passphrase-file', passphrase);
  assert.equal(await restored.ended, 0, restored.said());
  assert.match(restored.said(), /The epoch of \d+ gateways is raised/);
  const copy = await account(elsewhere);
  assert.ok(copy.stored.length >= before, `${copy.stored.length} are stored, ${before} were before the backup began`);
  assert.ok(copy.stored.length < uplink.edge.nextOffset, 'traffic went on behind the backup');
  assert.deepEqual(
    copy.stored.filter((offset) => !copy.readable.has(offset)),
    [],
    'stored by the ledger, and not to be read',
  );
  t.diagnostic(
    `${copy.stored.length} stored and readable, ${copy.readable.size} readable in all, ${uplink.edge.nextOffset} accepted`,
  );
  const db = new DatabaseSync(join(elsewhere, 'state.sqlite'));
  assert.equal(db.prepare('SELECT value FROM epoch WHERE gateway = ?').get(GATEWAY)?.['value'], 2);
  db.close();

  const moved = join(folder, 'moved.yaml');
  writeFileSync(moved, readFileSync(config, 'utf8').replace(`data: ${data}`, `data: ${elsewhere}`));
  const next = start(t, 'cloud', '--config', moved);
  await uplink.connect(await uplinkOf(next));
  await until('covered', async () => {
    await uplink.again();
    await pause(300);
    return uplink.open().length === 0 ? true : undefined;
  });
  next.child.kill('SIGKILL');
  await next.ended;
  const end = await account(elsewhere);
  const all = Array.from({ length: uplink.edge.nextOffset }, (_, offset) => offset);
  assert.deepEqual(end.stored, all);
  assert.deepEqual(
    [...end.readable].toSorted((a, b) => a - b),
    all,
  );
  const verified = start(t, 'audit', 'verify', '--data', elsewhere);
  assert.equal(await verified.ended, 0, verified.said());
});

test('a backup that is not whole, another passphrase or a folder that holds something restores nothing, and says why', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: http/);
  const backup = join(folder, 'backup');
  const make = (into: string, words = passphrase): Promise<number> =>
    runBackup([into, '--config', config, '--passphrase-file', words]);
  assert.equal(await make(backup), 0);
  const target = join(folder, 'target');
  const restore = (from: string, to = target, words = passphrase): Promise<number> =>
    runRestore([from, '--data', to, '--passphrase-file', words]);
  const spoilt = (name: string, spoil: (folder: string) => void): string => {
    const to = join(folder, name);
    cpSync(backup, to, { recursive: true });
    spoil(to);
    return to;
  };
  const told = (code: string, message: RegExp): object => ({ code, message });
  await assert.rejects(restore(backup, data), told('LS-DATA-001', /data is in use by "loadstone cloud --config/));
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  await assert.rejects(restore(backup, data), told('LS-BACKUP-002', /data is not empty: /));
  const cut = spoilt('cut', (at) => truncateSync(join(at, 'planner.sqlite'), 4096));
  await assert.rejects(restore(cut), told('LS-BACKUP-001', /^planner\.sqlite has 4096 bytes in place of \d+/));
  const flipped = spoilt('flipped', (at) => {
    const bytes = readFileSync(join(at, 'state.sqlite'));
    bytes[5000]! ^= 1;
    writeFileSync(join(at, 'state.sqlite'), bytes);
  });
  await assert.rejects(restore(flipped), told('LS-BACKUP-001', /^state\.sqlite is not as it was written/));
  const forged = spoilt('forged', (at) => {
    const file = join(at, 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"madeAt": 1', '"madeAt": 2'));
  });
  await assert.rejects(restore(forged), told('LS-BACKUP-001', /^manifest\.json is not as it was written/));
  const unfinished = spoilt('unfinished', (at) => truncateSync(join(at, 'manifest.json'), 100));
  await assert.rejects(restore(unfinished), told('LS-BACKUP-001', /manifest\.json is no JSON/));
  await assert.rejects(restore(folder), told('LS-BACKUP-001', /holds no manifest\.json/));
  const other = join(folder, 'other');
  writeFileSync(other, 'another passphrase\n');
  const wrong = told('LS-BACKUP-003', /^keys\.sealed does not open with this passphrase/);
  await assert.rejects(restore(backup, target, other), wrong);
  assert.deepEqual(readdirSync(target), ['lock.sqlite'], 'nothing was restored');

  await assert.rejects(make(backup), told('LS-BACKUP-002', /backup is not an empty folder/));
  const short = join(folder, 'short');
  writeFileSync(short, 'short\n');
  await assert.rejects(make(join(folder, 'b2'), short), told('LS-CONFIG-002', /has 5 characters; at least 12/));
  if (!process.stdin.isTTY)
    await assert.rejects(
      runBackup([join(folder, 'b3'), '--config', config]),
      told('LS-CONFIG-002', /--passphrase-file names its file/),
    );
  appendFileSync(passphrase, 'a second line counts for nothing\n');
  assert.equal(await make(join(folder, 'stopped')), 0, 'of a cloud that is stopped');
  assert.equal(await restore(backup), 0, 'where nothing but an old lock is');
});
