import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Image } from './image.ts';
import type { DeviceSpec } from './model.ts';

export interface EnvelopeSettings {
  /** What all commanded devices together may take and feed in without a plan: a signed pair. */
  readonly default: PowerRange;
  readonly narrowAfterS: number;
  readonly releaseKwPerS: number;
}

/** What is known of the devices in this cycle, and which of them get no command: tagged, of a customer who allows none, or in monitor. */
export interface Obeying {
  readonly image: Image;
  readonly uncommanded: ReadonlySet<string>;
}

/** Whether a device does what it is told: it is heard and commanded. One that does not keeps to no share, and counts at its worst. */
export const obeys = ({ image, uncommanded }: Obeying, id: string): boolean =>
  image.devices.get(id)?.fresh === true && !uncommanded.has(id);

/**
 * Each device's share of the default envelope, by rating. A device that is silent or gets no command counts at its worst: what it could
 * take or feed in is taken off before the others share.
 */
export function defaultShares(
  specs: readonly DeviceSpec[],
  now: Obeying,
  budget: PowerRange,
): ReadonlyMap<string, PowerRange> {
  const levers = specs.filter(({ lever }) => lever !== 'none');
  const loose = levers.filter(({ id }) => !obeys(now, id));
  const held = levers.filter(({ id }) => obeys(now, id));
  const sum = (list: readonly DeviceSpec[], end: 'minKw' | 'maxKw'): number =>
    list.reduce((total, { rating }) => total + rating[end], 0);
  const factor = (end: 'minKw' | 'maxKw'): number => {
    const left = Math.max(0, Math.abs(budget[end]) - Math.abs(sum(loose, end)));
    const wanted = Math.abs(sum(held, end));
    return wanted === 0 ? 0 : Math.min(1, left / wanted);
  };
  const [exportShare, importShare] = [factor('minKw'), factor('maxKw')];
  return new Map(
    held.map(({ id, rating }) => [
      id,
      { minKw: rating.minKw * exportShare || 0, maxKw: rating.maxKw * importShare || 0 },
    ]),
  );
}

/** A commanded device under a plan: its own envelope, and what it is wished to do, kW. */
export interface Joined {
  readonly range: PowerRange;
  readonly wishedKw: number;
  /** Silent, or without commands: it cannot be drawn in, and counts at its worst. */
  readonly fixed: boolean;
  /** Told a limit, not a value: it may be doing nothing whatever it is told, so a sum counts on no more than it does now. */
  readonly limited?: boolean;
  /** What a device that is told a limit does now, kW; absent: a sum does not count on it at all. */
  readonly doesKw?: number;
  /** It may be held to nothing, or to its wish, and is not driven past either to make room for others. */
  readonly held?: boolean;
}

/**
 * Draws envelopes in until all devices together, each at its end, stay within the common one. What is beyond the wishes goes first,
 * in equal shares of it; where the wishes alone are too much, they go the same way.
 */
export function jointly(devices: ReadonlyMap<string, Joined>, common: PowerRange): ReadonlyMap<string, PowerRange> {
  const list = [...devices].map(([id, each]) => ({ id, ...each }));
  const highs = drawnIn(
    list.map(({ range, ...each }) => ({ ...each, low: range.minKw, high: range.maxKw })),
    common.maxKw,
  );
  const lows = drawnIn(
    list.map(({ range, wishedKw, doesKw = 0, ...each }) => ({
      ...each,
      wishedKw: -wishedKw,
      doesKw: -doesKw,
      low: -range.maxKw,
      high: -range.minKw,
    })),
    -common.minKw,
  );
  return new Map(
    list.map(({ id }, at) => [id, { minKw: Math.min(-lows[at]!, highs[at]!) || 0, maxKw: highs[at]! || 0 }]),
  );
}

interface Reach {
  readonly wishedKw: number;
  readonly fixed: boolean;
  readonly limited?: boolean;
  readonly doesKw?: number;
  readonly held?: boolean;
  readonly low: number;
  readonly high: number;
}

function drawnIn(devices: readonly Reach[], most: number): number[] {
  let highs = devices.map(({ high }) => high);
  const floors = [
    devices.map((device) =>
      device.fixed ? device.high : Math.max(leastOf(device), Math.min(device.high, device.wishedKw)),
    ),
    devices.map((device) => (device.fixed ? device.high : leastOf(device))),
  ];
  for (const floor of floors) {
    const over = highs.reduce((sum, high) => sum + high, 0) - most;
    const spare = highs.reduce((sum, high, at) => sum + high - floor[at]!, 0);
    if (over <= 0 || spare <= 0) continue;
    const part = over >= spare ? 1 : over / spare;
    highs = highs.map((high, at) => (1 - part) * high + part * floor[at]!);
  }
  return highs;
}

/** What it does against the sum counts as far as it is to go on with it. */
function leastOf({ low, high, limited, held, doesKw = 0, wishedKw }: Reach): number {
  if (limited !== true && held !== true) return low;
  const against = limited === true ? Math.max(doesKw, wishedKw) : wishedKw;
  return Math.max(low, Math.min(high, 0, against));
}

/** An envelope narrows with the age of what the cloud said last, down to the default; it never widens by that. */
export function narrowed(
  envelope: PowerRange,
  fallback: PowerRange,
  { ageS, narrowAfterS }: { readonly ageS: number; readonly narrowAfterS: number },
): PowerRange {
  const share = Math.min(1, Math.max(0, (ageS - narrowAfterS) / Math.max(narrowAfterS, 1)));
  if (share === 0) return envelope;
  const minKw = envelope.minKw + share * (Math.max(envelope.minKw, fallback.minKw) - envelope.minKw);
  const maxKw = envelope.maxKw + share * (Math.min(envelope.maxKw, fallback.maxKw) - envelope.maxKw);
  return { minKw: Math.min(minKw, maxKw), maxKw };
}

/** Narrower at once, wider by the release rate. */
export function released(previous: PowerRange | undefined, wanted: PowerRange, kw: number): PowerRange {
  if (previous === undefined) return wanted;
  return {
    minKw: Math.max(wanted.minKw, Math.min(previous.minKw, wanted.maxKw) - kw),
    maxKw: Math.min(wanted.maxKw, Math.max(previous.maxKw, wanted.minKw) + kw),
  };
}
