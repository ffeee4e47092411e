import type { LedgerEntry } from '../../cloud/ingest/entries.ts';
import type { GatewayReport, Ledger } from '../../cloud/ingest/ledger.ts';
import { SeededRandom } from '../../shared/ports/random.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface TrafficOptions {
  readonly gateway: string;
  /** Plant time, ms UTC. */
  readonly start: number;
  readonly days: number;
  /** Seconds between frames. */
  readonly stepS: number;
  readonly seed: number;
}

/** Input of one gateway's ledger at one moment of plant time. */
export interface Arrival {
  readonly at: number;
  readonly entries: readonly LedgerEntry[];
  readonly reports: readonly GatewayReport[];
}

/**
 * Realistic traffic of a gateway: live frames, every 20th resent after some seconds, a link outage per week with its backlog, a daemon
 * restart per fortnight, occasional refused, dropped or lost frames, and events. The same seed gives the same traffic.
 */
export function* ledgerTraffic({ gateway, start, days, stepS, seed }: TrafficOptions): Generator<Arrival> {
  const random = new SeededRandom(seed, gateway);
  const between = (low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));
  const stepMs = stepS * 1000;
  const end = start + days * DAY_MS;
  const chance = (perDays: number): boolean => random.next() < stepMs / (perDays * DAY_MS);
  let run = 0;
  let firstOffset = 0;
  let offset = 0;
  let eventOffset = 0;
  let cutUntil = 0;
  let backlog: LedgerEntry[] = [];
  for (let now = start; now < end; now += stepMs) {
    const reports: GatewayReport[] = [];
    const entries: LedgerEntry[] = [];
    const again: LedgerEntry[] = [];
    if (run === 0 || chance(14)) {
      const before = { run, firstOffset };
      [run, firstOffset] = [between(1, 2 ** 32 - 1), offset];
      const runs = [before, { run, firstOffset }].filter((each) => each.run !== 0);
      reports.push(reportOf(gateway, runs));
    }
    const measured = (): LedgerEntry => ({ gateway, stream: 'measurements', run, offset: offset++, time: now });
    if (chance(30)) {
      const reason = random.next() < 0.5 ? 'dropped' : 'lost';
      const missing = [{ run, from: offset, to: offset + 9, reason, detail: `${reason} by the journal` } as const];
      reports.push({ gateway, report: { version: 1, stream: 'measurements', runs: [], missing } });
      offset += 10;
    }
    if (cutUntil <= now && chance(7)) cutUntil = now + between(5, 360) * 60_000;
    const frame = { ...measured(), ...(chance(30) ? { time: null, code: 'LS-INGEST-002' } : {}) };
    if (cutUntil > now) backlog.push(frame);
    else {
      (random.next() < 0.05 ? again : entries).push(frame);
      entries.push(...backlog);
      backlog = [];
    }
    if (chance(1 / 6)) entries.push({ gateway, stream: 'events', run, offset: eventOffset++, time: now });
    yield { at: now + between(200, 1900), entries, reports };
    if (again.length > 0) yield { at: now + between(6000, 9000), entries: again, reports: [] };
  }
}

function reportOf(
  gateway: string,
  runs: readonly { readonly run: number; readonly firstOffset: number }[],
): GatewayReport {
  return { gateway, report: { version: 1, stream: 'measurements', runs: [...runs], missing: [] } };
}

/** Feeds the traffic of many gateways to a ledger, compacted every hour as behind the ingest. Returns the end time. */
export async function playTraffic(
  ledger: Pick<Ledger, 'settle' | 'compact'>,
  all: readonly TrafficOptions[],
  onDay: (day: number) => void = () => undefined,
): Promise<number> {
  const waiting = all.map((options) => {
    const traffic = ledgerTraffic(options);
    return { traffic, next: traffic.next() };
  });
  const start = Math.min(...all.map((options) => options.start));
  let hour = start;
  while (waiting.some(({ next }) => next.done !== true)) {
    hour += HOUR_MS;
    const settled: Promise<void>[] = [];
    for (const each of waiting) {
      for (; each.next.done !== true && each.next.value.at < hour; each.next = each.traffic.next()) {
        const { at, entries, reports } = each.next.value;
        settled.push(ledger.settle({ entries, reports }, at));
      }
    }
    await Promise.all(settled);
    await ledger.compact(hour);
    if ((hour - start) % DAY_MS === 0) onDay((hour - start) / DAY_MS);
  }
  return hour;
}
