import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { machineMonotonicMs, SystemClock } from '../../shared/time/system-clock.ts';
import { buildRegion } from '../region/region.ts';
import { playTraffic, type TrafficOptions } from './ledger-traffic.ts';
import { heapBytes } from './memory.ts';
import { playMonth } from './month.ts';
import type { BenchOptions } from './options.ts';
import { AgedCloud } from './route-age.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const start = Date.UTC(2021, 8, 25);
const ASKS = 500;
const HOSTILE_SPANS = 100_000;
const LOOKS = 4;
/** Age of the baseline cloud. */
const YOUNG_DAYS = 0.05;

interface Figures {
  readonly spans: number;
  readonly heapKbPerGateway: number;
  readonly restartSeconds: number;
  /** Time to compute completeness, of the whole ledger and of one hour, each after a newly stored frame. */
  readonly completenessMs: number;
  readonly completenessP99Ms: number;
}

/** A month of ten gateways, a year of ledger, and a ledger left by a hostile gateway: memory, disk, restart time and query time of each. */
export async function run({
  say,
  quick,
  days: monthDays = quick ? 1 : 30,
}: BenchOptions): Promise<Record<string, unknown>> {
  const days = quick ? 30 : 365;
  const beganMs = machineMonotonicMs();
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  try {
    const end = Math.round(new SystemClock(() => undefined).machine.now());
    const aged = async (name: string, age: number) => {
      const cloud = new AgedCloud(join(dir, name));
      const start = end - age * DAY_MS;
      const fromMs = machineMonotonicMs();
      const figures = await playMonth({ folder: cloud.data, days: age, names: gatewayNames, start, say });
      const tookMinutes = round((machineMonotonicMs() - fromMs) / 60_000);
      const p50Ms = round(await cloud.gatewaysP50Ms());
      say(`GET /v1/gateways after ${age} days: ${p50Ms} ms`);
      return { figures, tookMinutes, p50Ms };
    };
    const young = await aged('young', YOUNG_DAYS);
    const { figures: month, tookMinutes: monthTookMinutes, p50Ms } = await aged('month', monthDays);
    const gatewaysP50Ms = { young: young.p50Ms, old: p50Ms };
    const path = join(dir, 'year.db');
    say(`${days} days of ${GATEWAYS} gateways, a frame every 5 min ...`);
    const frames = await play(path, days, say);
    const year = await measure(path, gatewayNames);
    say('a gateway that leaves a gap after each frame ...');
    const hostilePath = join(dir, 'hostile.db');
    await hostile(hostilePath);
    const worst = await measure(hostilePath, ['owd-66']);
    return {
      days: monthDays,
      gateways: GATEWAYS,
      tookMinutes: round((machineMonotonicMs() - beganMs) / 60_000),
      monthTookMinutes,
      documentsMbPerSubstation: month.documentsMbPerSubstation,
      heapSlopeMbPerDay: month.heapSlopeMbPerDay,
      pruneMs: month.pruneMs,
      gatewaysP50Ms,
      bytesPerGatewayDay: month.bytesPerGatewayDay,
      month,
      ledgerDays: days,
      frames,
      ledgerFileKbPerGateway: Math.round(statSync(path).size / 1024 / GATEWAYS),
      ledgerHeapKbPerGateway: year.heapKbPerGateway,
      restartSeconds: Math.max(month.restartSeconds, year.restartSeconds, worst.restartSeconds),
      completenessMs: Math.max(month.completenessMs, year.completenessMs, worst.completenessMs),
      ordinary: year,
      hostile: worst,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Gateways of the region whose cloud starts on these stores. */
const gatewayNames = buildRegion().substations.map(({ gateway }) => gateway);
const GATEWAYS = gatewayNames.length;

async function opened(path: string): Promise<Ledger> {
  const ledger = new Ledger(new LedgerFile(path));
  await ledger.open();
  return ledger;
}

async function play(path: string, days: number, say: (line: string) => void): Promise<number> {
  const ledger = await opened(path);
  const traffic = gatewayNames.map((gateway): TrafficOptions => ({ gateway, start, days, stepS: 300, seed: 1 }));
  await playTraffic(ledger, traffic, (day) =>
    day % 60 === 0 ? say(`day ${day}, ${ledger.spanCount()} spans`) : undefined,
  );
  const frames = gatewayNames.reduce((sum, gateway) => sum + ledger.storedCount(gateway), 0);
  ledger.close();
  return frames;
}

async function hostile(path: string): Promise<void> {
  const ledger = await opened(path);
  const entries = Array.from({ length: HOSTILE_SPANS }, (_, n) => ({
    gateway: 'owd-66',
    stream: 'measurements' as const,
    run: 7,
    offset: 2 * n,
    time: start + (n * 365 * DAY_MS) / HOSTILE_SPANS,
  }));
  await ledger.record(entries, start + 365 * DAY_MS);
  ledger.close();
}

async function measure(path: string, gateways: readonly string[]): Promise<Figures> {
  let bytes = Infinity;
  for (let n = 0; n < LOOKS; n++) bytes = Math.min(bytes, await heapOf(path));
  const heapKbPerGateway = round(bytes / 1024 / gateways.length);
  const from = performance.now();
  const ledger = await opened(path);
  const restartSeconds = (performance.now() - from) / 1000;
  const spans = ledger.spanCount();
  const gateway = gateways[0]!;
  const asks: number[] = [];
  for (let n = 0; n < ASKS; n++) {
    const time = start + ((7 * n) % 365) * DAY_MS;
    const offset = 2 ** 40 + 2 * n;
    await ledger.record([{ gateway, stream: 'measurements', run: 7, offset, time }], start + 366 * DAY_MS + n * 1000);
    const asked = performance.now();
    ledger.completeness(gateway);
    await ledger.completenessBetween(gateway, { from: time, to: time + HOUR_MS });
    asks.push(performance.now() - asked);
  }
  ledger.close();
  const sorted = asks.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(share * ASKS)]!);
  const [completenessMs, completenessP99Ms] = [at(0.5), at(0.99)];
  return { spans, heapKbPerGateway, restartSeconds: round(restartSeconds), completenessMs, completenessP99Ms };
}

/** Bytes freed when an open ledger is released. Code compiled in the meantime counts too, so the caller takes the least of several runs. */
async function heapOf(path: string): Promise<number> {
  const open = [await opened(path)];
  await setImmediate();
  const held = heapBytes();
  open.pop()!.close();
  await setImmediate();
  return held - heapBytes();
}

const round = (value: number): number => Math.round(value * 100) / 100;
