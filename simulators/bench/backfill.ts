import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngestHandlers } from '../../cloud/ingest/handlers.ts';
import type { Point } from '../../cloud/telemetry/store.ts';
import { quantilesOf } from '../../shared/forecast/quantiles.ts';
import { startInflux } from '../testing/debian.ts';
import { freePort } from '../testing/free-ports.ts';
import type { BackfillNews, BackfillOrder } from './backfill-gateway.child.ts';
import { BenchCloud, influxAndLedger } from './bench-cloud.ts';
import { pause, until } from './bench-gateway.ts';
import type { BenchOptions } from './options.ts';

const GATEWAY = 'owd-01';
const GROUP = 'north';
const DEVICES = 20;
const METRICS = Array.from({ length: 10 }, (_, at) => `metric${at}`);
const OUTAGE_MS = 6 * 3_600_000;
/** After the backlog has drained: how long live latency is measured without one. */
const CALM_MS = 10_000;

/**
 * A gateway whose link returns after hours. The daemon's journal and uplink run in a process of their own; broker, ingest, ledger and a
 * real InfluxDB run here. Live data continues throughout; its latency counts from source time to the store's answer.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const backlogFrames = quick ? 10_000 : 100_000;
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  const influx = await startInflux({ dir: join(dir, 'influx') });
  const watch = new Watch();
  const { ledger, store } = influxAndLedger(influx.url, dir, 'backfill');
  const writing = watch.around(store);
  const port = await freePort();
  const cloud = new BenchCloud({
    dir,
    group: GROUP,
    ledger,
    store: writing,
    port,
    handlers: watch.handlers,
    onConnection: () => watch.connected(),
  });
  const child = fork(new URL('./backfill-gateway.child.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let cloudRuns = false;
  try {
    say(`${backlogFrames} frames of ${METRICS.length} points into the journal, without a cloud`);
    const { bytes } = (await exchange(child, 'filled', orderOf(dir, port, backlogFrames))) as { bytes: number };
    watch.backlogBefore = backlogFrames;
    say(`${(bytes / 1e6).toFixed(1)} MB in the journal; starting the cloud`);
    await cloud.start();
    cloudRuns = true;
    watch.cloudUp();
    await until(() => watch.started, 300_000, 'the first record of the backlog');
    const progress = setInterval(() => {
      const { duplicates, heldBack } = cloud.ingest.counts();
      say(
        `${watch.backlogStored} backlog frames stored, ${duplicates} duplicates, ${heldBack} held back for lack of room`,
      );
    }, 5000);
    await until(() => watch.drained, 300_000, 'the end of the backlog').finally(() => clearInterval(progress));
    const busy = watch.live.splice(0);
    say(`drained in ${watch.drainSeconds.toFixed(2)} s; measuring ten seconds more without a backlog`);
    await pause(CALM_MS);
    const calm = watch.live.splice(0);
    const { refused } = (await exchange(child, 'stopped', 'stop')) as { refused: number };
    return {
      pointsPerSecond: Math.round((watch.backlogStored * METRICS.length) / watch.drainSeconds),
      startSeconds: round(watch.startSeconds, 3),
      liveLagMs: lagOf(busy),
      drainSeconds: round(watch.drainSeconds, 2),
      points: watch.backlogStored * METRICS.length,
      liveFrames: busy.length,
      reconnectSeconds: round(watch.reconnectSeconds, 2),
      journalBytesPerFrame: Math.round(bytes / backlogFrames),
      liveRefused: refused,
      framesAgain: cloud.ingest.counts().duplicates,
      baseline: { what: 'the same live data without a backlog', liveLagMs: lagOf(calm) },
    };
  } finally {
    child.kill('SIGKILL');
    if (cloudRuns) await cloud.stop();
    await influx.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

const orderOf = (dir: string, port: number, backlogFrames: number): BackfillOrder => ({
  config: {
    gateway: GATEWAY,
    group: GROUP,
    hostId: 'loadstone-cloud',
    url: `mqtt://127.0.0.1:${port}`,
    keepAliveS: 60,
    journal: { path: join(dir, 'journal'), maxMb: 2000, maxAgeMs: 7 * 86_400_000, syncMs: 200 },
    trustedKeys: { keys: [] },
    software: 'loadstone bench',
  },
  devices: DEVICES,
  metrics: METRICS,
  backlogFrames,
  backlogFrom: Date.now() - OUTAGE_MS,
});

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
function lagOf(lags: readonly number[]): { p50: number; p99: number; max: number } {
  const [p50, p99, max] = quantilesOf(lags, [0.5, 0.99, 1]).map((value) => Math.round(value));
  return { p50: p50!, p99: p99!, max: max! };
}

/** Counts and times frames once the store has answered for them. */
class Watch {
  backlogBefore = 0;
  backlogStored = 0;
  live: number[] = [];
  #liveFrom = Number.POSITIVE_INFINITY;
  #upAt = 0;
  #connectedAt: number | undefined;
  #bornAt: number | undefined;
  #firstAt: number | undefined;
  #lastAt = 0;

  readonly handlers: IngestHandlers = {
    onBirth: (_gateway, device) => {
      if (device === undefined) this.#bornAt ??= performance.now();
    },
    onFrame: (_identity, frame) => {
      if (frame.time < this.#liveFrom) this.#firstAt ??= performance.now();
    },
  };

  cloudUp(): void {
    this.#upAt = performance.now();
    this.#liveFrom = Date.now();
  }

  connected(): void {
    if (this.#connectedAt !== undefined) return;
    this.#connectedAt = performance.now();
    // Frames produced before the link was up are backlog, however short the time.
    this.#liveFrom = Date.now();
  }

  get started(): boolean {
    return this.#firstAt !== undefined;
  }

  get drained(): boolean {
    return this.backlogStored >= this.backlogBefore;
  }

  get startSeconds(): number {
    return ((this.#firstAt ?? Number.NaN) - (this.#bornAt ?? Number.NaN)) / 1000;
  }

  get reconnectSeconds(): number {
    return ((this.#connectedAt ?? Number.NaN) - this.#upAt) / 1000;
  }

  get drainSeconds(): number {
    return (this.#lastAt - (this.#firstAt ?? Number.NaN)) / 1000;
  }

  around<
    Store extends { write(points: readonly Point[]): Promise<void>; open(): Promise<void>; close(): Promise<void> },
  >(store: Store): Pick<Store, 'write' | 'open' | 'close'> {
    return {
      open: () => store.open(),
      close: () => store.close(),
      write: async (points) => {
        await store.write(points);
        this.#stored(points);
      },
    };
  }

  #stored(points: readonly Point[]): void {
    const now = Date.now();
    for (const { time, series } of points) {
      if (series.metric !== METRICS[0]) continue;
      if (time >= this.#liveFrom) this.live.push(now - time);
      else {
        this.backlogStored++;
        this.#lastAt = performance.now();
      }
    }
  }
}

async function exchange(
  child: ChildProcess,
  kind: BackfillNews['kind'],
  order: BackfillOrder | 'stop',
): Promise<BackfillNews> {
  const { promise, resolve, reject } = Promise.withResolvers<BackfillNews>();
  const listen = (news: unknown): void => {
    if ((news as BackfillNews).kind === kind) resolve(news as BackfillNews);
  };
  const gone = (code: number | null): void => reject(new Error(`the gateway exited with ${String(code)}`));
  child.on('message', listen).once('exit', gone);
  child.send(order);
  try {
    return await promise;
  } finally {
    child.off('message', listen).off('exit', gone);
  }
}
