import type { JournalEntry } from '../../edge/journal/record.ts';
import { decodeFrameRecord } from '../../edge/uplink/frame-record.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { SeriesKey } from '../../cloud/telemetry/store.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import type { Tell } from './command-watch.ts';
import type { HeldRecords } from './held.ts';
import type { Invariant } from './violation.ts';

/** Up to this many violations of a kind are named; beyond that only their number is reported. */
const NAMED = 3;

/** True when the ledger accounts for every marked record. */
export function accounted(sim: RegionSim, held: readonly HeldRecords[]): boolean {
  return sim.gateways.every(({ id }, at) => open(sim, id, held[at]!).length === 0);
}

const open = (sim: RegionSim, gateway: string, held: HeldRecords): JournalEntry[] =>
  held
    .marked()
    .filter(({ stream, run, offset }) => sim.stores.ledger.stateOf(gateway, stream, { run, offset }) === undefined);

/** Compares journals, ledger, event log and store at the end of a run. */
export async function compareAccounts(sim: RegionSim, held: readonly HeldRecords[], tell: Tell): Promise<void> {
  for (const [at, { id }] of sim.gateways.entries()) {
    const entries = [...held[at]!.entries()];
    missing(id, held[at]!, open(sim, id, held[at]!), tell);
    events(sim, id, entries, tell);
    await values(sim, id, entries, tell);
  }
}

function missing(gateway: string, held: HeldRecords, open: readonly JournalEntry[], tell: Tell): void {
  if (open.length === 0) return;
  const named = open.slice(0, NAMED).map(({ stream, run, offset }) => `${stream}/${run}/${offset}`);
  const all = held.marked().length;
  tell('lossless', `${gateway}: ${open.length} of ${all} records are unaccounted for: ${named.join(', ')}`);
}

/** Each of the gateway's events is in the log exactly once. */
function events(sim: RegionSim, gateway: string, entries: readonly JournalEntry[], tell: Tell): void {
  const stored = entries.filter(
    ({ stream, run, offset }) =>
      stream === 'events' && sim.stores.ledger.stateOf(gateway, stream, { run, offset }) === 'stored',
  ).length;
  const counted = sim.stores.ledger.storedCount(gateway, 'events');
  if (counted !== stored)
    tell('nothing-made-up', `${gateway}: ${counted} events are stored, but only ${stored} of them were in the journal`);
}

/** The store holds exactly the values of the journal's frames. */
async function values(sim: RegionSim, gateway: string, entries: readonly JournalEntry[], tell: Tell): Promise<void> {
  const expected = new Map<string, Map<string, number>>();
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const { stream, run, offset, payload } of entries) {
    if (stream !== 'measurements' || sim.stores.ledger.stateOf(gateway, stream, { run, offset }) !== 'stored') continue;
    const { frame } = decodeFrameRecord(payload)!;
    from = Math.min(from, frame.time);
    to = Math.max(to, frame.time);
    for (const { metric, value } of frame.values) {
      const key = `${frame.device}/${metric}`;
      const series = expected.get(key) ?? new Map<string, number>();
      expected.set(key, series);
      const point = `${frame.time}/${value}`;
      series.set(point, (series.get(point) ?? 0) + 1);
    }
  }
  const count = entries.filter(
    ({ stream, run, offset }) =>
      stream === 'measurements' && sim.stores.ledger.stateOf(gateway, stream, { run, offset }) === 'stored',
  ).length;
  const counted = sim.stores.ledger.storedCount(gateway);
  if (counted !== count)
    tell('nothing-made-up', `${gateway}: ${counted} frames are stored, but only ${count} of them were in the journal`);
  const names = [...expected.keys()];
  const series = names.map((name): SeriesKey => {
    const [device = '', metric = ''] = name.split('/');
    return { gateway, device, metric };
  });
  const stored = names.length === 0 ? [] : await sim.store.read({ series, start: from, end: to + 1 });
  for (const [at, name] of names.entries()) {
    const found = difference(expected.get(name)!, stored[at]!);
    if (found !== undefined) tell(found.invariant, `${gateway} ${name}: ${found.text}`);
  }
}

/** Describes the difference between points (time/value). */
function difference(
  expected: ReadonlyMap<string, number>,
  stored: readonly Sample[],
): { readonly invariant: Invariant; readonly text: string } | undefined {
  const found = new Map<string, number>();
  for (const { time, value } of stored) {
    const point = `${time}/${value}`;
    found.set(point, (found.get(point) ?? 0) + 1);
  }
  for (const [point, count] of expected) {
    if (!found.has(point)) return { invariant: 'lossless', text: `${point} is in the journal but not in the store` };
    if (found.get(point)! > count) return { invariant: 'nothing-made-up', text: `${point} is stored twice` };
  }
  for (const point of found.keys())
    if (!expected.has(point)) return { invariant: 'nothing-made-up', text: `${point} was in no journal` };
  return undefined;
}
