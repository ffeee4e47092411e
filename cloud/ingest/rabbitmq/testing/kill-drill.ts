import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readJournal } from '../../../../edge/journal/inspect.ts';
import { NodeDisk } from '../../../../edge/journal/node-disk.ts';
import type { UplinkConfig } from '../../../../edge/uplink/config.ts';
import { configFor, frameOf } from '../../../../edge/uplink/testing/bench.ts';
import type { Frame } from '../../../../shared/contracts/frame.ts';
import { until } from '../../../../shared/testing/until.ts';
import type { RunningRabbit } from '../../../../simulators/testing/rabbitmq.ts';
import type { TestAuthority } from '../../../pki/testing/authority-in-folder.ts';
import type { TelemetryStore } from '../../../telemetry/store.ts';
import { WorkerStore } from '../../../telemetry/worker-store.ts';
import type { IngestCounts } from '../../ingest-options.ts';
import { LedgerFile } from '../../ledger-file.ts';
import { Ledger } from '../../ledger.ts';

export interface KillDrill {
  readonly dir: string;
  readonly rabbit: RunningRabbit;
  readonly authority: TestAuthority;
  /** Already admitted at the broker. */
  readonly gateways: readonly string[];
  /** In this order, each while frames arrive. */
  readonly kills: readonly ('cloud' | 'broker')[];
  /** Frames that arrive between two kills. */
  readonly framesBetween: number;
}

type Counts = IngestCounts & { readonly stored: number };

export interface DrillResult {
  readonly frames: number;
  /** Duplicate frames that each cloud had reported before it was killed. */
  readonly duplicates: number;
}

/**
 * Runs gateways with real uplinks against a cloud process on RabbitMQ, and sends kill -9 to cloud or broker while frames arrive. At the end
 * the store holds every frame that the journals accepted exactly once, and the ledger agrees.
 */
export async function runDrill(drill: KillDrill): Promise<DrillResult> {
  const { dir, rabbit, gateways } = drill;
  const running = new Set<ChildProcess>();
  const start = (script: string, args: readonly string[]): ChildProcess => {
    const file = new URL(script, import.meta.url).pathname;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  let counts: Counts | undefined;
  let duplicates = 0;
  const cloudDir = join(dir, 'cloud');
  mkdirSync(cloudDir, { recursive: true });
  const startCloud = (): ChildProcess => {
    counts = undefined;
    const child = start('./cloud.child.ts', [cloudDir, JSON.stringify(rabbit.address)]);
    createInterface(child.stdout!).on('line', (line) => (counts = JSON.parse(line) as Counts));
    return child;
  };
  const more = async (what: string): Promise<void> => {
    const from = counts?.frames ?? 0;
    await until(what, () => (counts?.frames ?? 0) >= from + drill.framesBetween);
  };
  const configs = await Promise.all(gateways.map((gateway) => configOf(drill, gateway)));
  const startGateways = (mode: string): ChildProcess[] =>
    configs.map((config) => {
      const child = start('../../../../edge/uplink/testing/gateway-process.ts', [JSON.stringify(config), mode]);
      child.stdout!.resume();
      return child;
    });
  try {
    let cloud = startCloud();
    const busy = startGateways('busy');
    await more('frames arrive');
    for (const kill of drill.kills) {
      duplicates += counts?.duplicates ?? 0;
      if (kill === 'cloud') {
        await end(cloud, 'SIGKILL');
        cloud = startCloud();
      } else {
        await rabbit.kill();
        await rabbit.start();
      }
      await more(`frames arrive after the end of the ${kill}`);
    }
    await Promise.all(busy.map((child) => end(child, 'SIGTERM')));
    const accepted = await Promise.all(configs.map((config) => acceptedBy(config)));
    const quiet = startGateways('quiet');
    const frames = accepted.reduce((sum, { size }) => sum + size, 0);
    await until('all is stored', () => counts?.stored === frames);
    duplicates += counts?.duplicates ?? 0;
    await Promise.all(quiet.map((child) => end(child, 'SIGTERM')));
    await end(cloud, 'SIGTERM');
    const points = new WorkerStore({ path: join(cloudDir, 'telemetry.db') });
    const stores = { ledger: new LedgerFile(join(cloudDir, 'ledger.db')), points };
    await compare(stores, gateways, accepted);
    return { frames, duplicates };
  } finally {
    for (const child of running) child.kill('SIGKILL');
  }
}

async function configOf({ dir, rabbit, authority }: KillDrill, gateway: string): Promise<UplinkConfig> {
  return {
    ...configFor(),
    gateway,
    url: `mqtts://127.0.0.1:${rabbit.gatewayPort}`,
    identity: await authority.identity(gateway),
    reconnectS: [0.1, 1],
    journal: { path: join(dir, gateway, 'journal'), maxMb: 100, maxAgeMs: 86_400_000, syncMs: 50 },
  };
}

/** What a journal has accepted, by run and offset. */
export async function acceptedBy({ journal }: Pick<UplinkConfig, 'journal'>): Promise<Map<string, Frame>> {
  const accepted = new Map<string, Frame>();
  for await (const entry of readJournal(new NodeDisk(journal.path)))
    if (entry.stream === 'measurements') accepted.set(`${entry.run}/${entry.offset}`, frameOf(entry) as Frame);
  return accepted;
}

/** Compares what a stopped cloud has stored with what its gateways accepted; `accepted` is in the order of `gateways`. */
export async function compare(
  stores: { readonly ledger: LedgerFile; readonly points: TelemetryStore },
  gateways: readonly string[],
  accepted: readonly ReadonlyMap<string, Frame>[],
): Promise<void> {
  const ledger = new Ledger(stores.ledger);
  const store = stores.points;
  await ledger.open();
  await store.open();
  try {
    for (const [at, gateway] of gateways.entries()) {
      const frames = [...accepted[at]!.values()];
      const devices = [...new Set(frames.map(({ device }) => device))].sort();
      const series = devices.map((device) => ({ gateway, device, metric: 'activePowerKw' }));
      const samples = await store.read({ series, start: 0, end: 8e12 });
      const stored = samples.map((each) => each.map(({ time, value }) => `${time} ${value}`).sort());
      const expected = devices.map((device) =>
        frames
          .filter((frame) => frame.device === device)
          .map(({ time, values }) => `${time} ${values[0]!.value}`)
          .sort(),
      );
      assert.deepEqual(stored, expected, `${gateway}: each frame is stored once`);
      assert.equal(ledger.storedCount(gateway), frames.length, `${gateway}: the ledger says the same`);
      assert.equal(ledger.completeness(gateway).complete, true);
    }
  } finally {
    ledger.close();
    await store.close();
  }
}
