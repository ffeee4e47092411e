import { SeededRandom, type Random } from '../../shared/ports/random.ts';
import type { NetworkFaults } from '../sim/sim-network.ts';

/** A fault or request, from `atS` to `untilS` after the start, s of plant time. */
export type Fault = { readonly atS: number; readonly untilS: number } & Trouble;

export type Trouble =
  /** Affects the uplinks of all gateways. */
  | { readonly kind: 'bad-network'; readonly faults: NetworkFaults }
  | { readonly kind: 'partition'; readonly gateway: number | 'all' }
  /** The uplink broker dies and loses its retained messages. */
  | { readonly kind: 'broker-gone' }
  /** kill -9; the process restarts at the end. */
  | { readonly kind: 'gateway-killed'; readonly gateway: number }
  /** The same, and a random part of the unsynced data is lost, possibly in the middle of a record. */
  | { readonly kind: 'power-lost'; readonly gateway: number }
  | { readonly kind: 'disk-full'; readonly gateway: number }
  | { readonly kind: 'disk-failing'; readonly gateway: number }
  | { readonly kind: 'sync-failing'; readonly gateway: number }
  /** The gateway's wall clock is off. */
  | { readonly kind: 'clock-off'; readonly gateway: number; readonly byMs: number }
  | { readonly kind: 'store-down' }
  /** A share of writes fails; half of those were written and only the answer is lost. */
  | { readonly kind: 'store-flaky'; readonly share: number }
  | { readonly kind: 'cloud-killed' }
  /** Messages between a gateway and its devices are lost, duplicated or late. */
  | { readonly kind: 'bad-devices'; readonly gateway: number; readonly faults: NetworkFaults }
  | { readonly kind: 'spike'; readonly gateway: number; readonly feeder: number; readonly share: number }
  /** An operator's override of a battery, the same command sent `sends` times; it expires at the end. */
  | { readonly kind: 'override'; readonly gateway: number; readonly number: number; readonly sends: number };

/** Latest begin of a fault; all faults are over at `HEALED_S`. */
const LAST_BEGIN_S = 360;
export const HEALED_S = 420;
const HOUR_MS = 3_600_000;
/** A machine without a clock battery boots in 1970. */
const TO_1970_MS = -Date.UTC(2021, 8, 25);

type Draw = (
  random: Random,
  pick: (count: number) => number,
) => { readonly trouble: Trouble; readonly longestS: number };

const badNetwork = (random: Random): NetworkFaults => ({
  drop: random.next() * 0.3,
  duplicate: random.next() * 0.3,
  delayMs: [1, 5 + random.next() * 4000],
  reorder: random.next() < 0.5,
});

const draws: readonly Draw[] = [
  (random) => ({ trouble: { kind: 'bad-network', faults: badNetwork(random) }, longestS: 200 }),
  (random, pick) => ({
    trouble: { kind: 'partition', gateway: random.next() < 0.3 ? 'all' : pick(2) },
    longestS: 240,
  }),
  () => ({ trouble: { kind: 'broker-gone' }, longestS: 60 }),
  (_, pick) => ({ trouble: { kind: 'gateway-killed', gateway: pick(2) }, longestS: 40 }),
  (_, pick) => ({ trouble: { kind: 'power-lost', gateway: pick(2) }, longestS: 40 }),
  (_, pick) => ({ trouble: { kind: 'disk-full', gateway: pick(2) }, longestS: 120 }),
  (_, pick) => ({ trouble: { kind: 'disk-failing', gateway: pick(2) }, longestS: 60 }),
  (_, pick) => ({ trouble: { kind: 'sync-failing', gateway: pick(2) }, longestS: 60 }),
  (_, pick) => ({
    trouble: { kind: 'clock-off', gateway: pick(2), byMs: [-HOUR_MS, HOUR_MS, TO_1970_MS][pick(3)]! },
    longestS: 120,
  }),
  () => ({ trouble: { kind: 'store-down' }, longestS: 120 }),
  (random) => ({ trouble: { kind: 'store-flaky', share: 0.2 + 0.7 * random.next() }, longestS: 200 }),
  () => ({ trouble: { kind: 'cloud-killed' }, longestS: 60 }),
  (random, pick) => ({ trouble: { kind: 'bad-devices', gateway: pick(2), faults: badNetwork(random) }, longestS: 100 }),
];

/**
 * Four to nine faults, three overrides and a load jump of up to 110 %; the same for the same seed. A larger jump on top of the evening peak
 * has no power flow solution: the plant's voltage collapses.
 */
export function faultsOf(seed: number): readonly Fault[] {
  const random = new SeededRandom(seed, 'faults');
  const pick = (count: number): number => Math.floor(random.next() * count);
  const timed = (trouble: Trouble, longestS: number): Fault => {
    const atS = 15 + Math.floor(random.next() * LAST_BEGIN_S);
    const untilS = Math.min(HEALED_S, atS + 2 + Math.floor(random.next() * longestS));
    return { atS, untilS, ...trouble };
  };
  const faults = Array.from({ length: 4 + pick(6) }, () => {
    const { trouble, longestS } = draws[pick(draws.length)]!(random, pick);
    return timed(trouble, longestS);
  });
  const overrides = Array.from({ length: 3 }, (_, number) =>
    timed({ kind: 'override', gateway: pick(2), number, sends: 1 + pick(3) }, 150),
  );
  const share = 0.3 + 0.8 * random.next();
  const spike = timed({ kind: 'spike', gateway: pick(2), feeder: 1 + pick(2), share }, 400);
  return [...faults, ...overrides, spike].sort((a, b) => a.atS - b.atS);
}

/** Describes a fault, for the report of a seed. */
export function describeFault({ atS, untilS, ...trouble }: Fault): string {
  const { kind, ...details } = trouble;
  const words = Object.entries(details).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`${atS}-${untilS} s`, kind, ...words].join(' ');
}
