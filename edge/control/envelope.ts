import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Image } from './image.ts';
import type { DeviceSpec } from './model.ts';

export interface EnvelopeSettings {
  /** Joint default envelope of all commanded devices without a plan; signed range. */
  readonly default: PowerRange;
  readonly narrowAfterS: number;
  readonly releaseKwPerS: number;
}

/** The devices as measured in this cycle, and those that get no command: tagged, without the customer's permission, or in monitor. */
export interface Obeying {
  readonly image: Image;
  readonly uncommanded: ReadonlySet<string>;
}

/** Whether a device follows setpoints: it is heard and commanded. Otherwise it keeps to no share and counts at its worst. */
export const obeys = ({ image, uncommanded }: Obeying, id: string): boolean =>
  image.devices.get(id)?.fresh === true && !uncommanded.has(id);

/**
 * Each device's share of the default envelope, by rating. A device that is silent or gets no command counts at its worst: its full
 * rating is subtracted before the others share.
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

/** A device under a plan: its own envelope, and its wish in kW. */
export interface Joined {
  readonly range: PowerRange;
  readonly wishedKw: number;
  /** Silent or uncommanded: it cannot be drawn in, and counts at its worst. */
  readonly fixed: boolean;
  /** Commanded by a limit, not a value. It may do nothing regardless of the limit, so a sum counts on no more than it does now. */
  readonly limited?: boolean;
  /** What a limited device does now, kW; absent: a sum does not count on it at all. */
  readonly doesKw?: number;
  /** It may be held to zero or to its wish, but is not driven past either to make room for others. */
  readonly held?: boolean;
}

/**
 * Draws envelopes in until all devices together, each at its end, stay within the common range. Room beyond the wishes is cut
 * first, by an equal fraction for each device; if the wishes alone exceed the range, they are cut the same way.
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

/** Power in the opposite direction counts only as far as the device is meant to continue it. */
function leastOf({ low, high, limited, held, doesKw = 0, wishedKw }: Reach): number {
  if (limited !== true && held !== true) return low;
  const against = limited === true ? Math.max(doesKw, wishedKw) : wishedKw;
  return Math.max(low, Math.min(high, 0, against));
}

/** Narrows an envelope towards the default with the age of the cloud's last message; it never widens it. */
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

/** Narrows at once, widens at the release rate. */
export function released(previous: PowerRange | undefined, wanted: PowerRange, kw: number): PowerRange {
  if (previous === undefined) return wanted;
  return {
    minKw: Math.max(wanted.minKw, Math.min(previous.minKw, wanted.maxKw) - kw),
    maxKw: Math.min(wanted.maxKw, Math.max(previous.maxKw, wanted.minKw) + kw),
  };
}
