import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { cholesky, dot, solve, unit } from './gain.ts';
import { usable, type Readings } from './readings.ts';

/** How one meter moves with those behind it: sums of the regression of its changes on theirs, with forgetting. */
interface Balance {
  readonly time: number;
  readonly whole: number;
  readonly parts: readonly number[];
  readonly xx: readonly Float64Array[];
  readonly xy: Float64Array;
  readonly yy: number;
  readonly count: number;
}

/** By the device id of the whole's meter. */
export type Gains = ReadonlyMap<string, Balance>;

/** A meter that moves differently from what its neighbours imply. */
export interface GainVerdict {
  readonly device: string;
  readonly kind: 'gross' | 'reversed';
  /** kW that the whole moves per kW of the part; 1 is right. */
  readonly gain: number;
  readonly against: string;
}

/** A change spans this long; a longer gap starts over. Data this old (FORGET_MS) keeps a third of its weight. */
const CHANGE_MS = { least: 50_000, most: 300_000 };
const FORGET_MS = 12 * 3_600_000;
/** Readings further apart than this belong to different moments. */
const TOGETHER_MS = 5_000;
/**
 * Gains within these bounds are right: losses, and changes that fall between two readings. Beyond them, at six standard errors, they are
 * wrong.
 */
const RIGHT = { least: 0.65, most: 1.35, turned: -0.4 };
const BELIEVED_T = 6;
const FEWEST = 60;
/** A gain with a larger standard error is ignored. */
const MOST_ERROR = 0.15;

interface Whole {
  readonly device: string;
  readonly parts: readonly string[];
}

/** The transformer is the sum of its heads, a head the sum of its terminals; both also carry what is not metered. */
function wholes({ meters, devices }: RegionSubstation): Whole[] {
  const of = (kind: string): string[] => meters.filter((each) => each.kind === kind).map(({ device }) => device);
  const heads = meters.filter(({ kind }) => kind === 'feeder-head');
  const behind = heads.map(({ device, feeder }) => ({
    device,
    parts: meters
      .filter(
        ({ kind, device: id }) =>
          kind === 'terminal' && devices.some((each) => each.id === id && each.feeder === feeder),
      )
      .map(({ device: id }) => id),
  }));
  return [...of('transformer').map((device) => ({ device, parts: of('feeder-head') })), ...behind].filter(
    ({ parts }) => parts.length > 0,
  );
}

export function addChanges(substation: RegionSubstation, before: Gains, readings: Readings): Gains {
  const next = new Map(before);
  for (const { device, parts } of wholes(substation)) {
    const whole = usable(readings, device, 'activePowerKw');
    const behind = parts.map((part) => usable(readings, part, 'activePowerKw'));
    if (whole === undefined) continue;
    const values = behind.map((part) =>
      part === undefined || Math.abs(part.time - whole.time) > TOGETHER_MS ? NaN : part.value,
    );
    if (values.some((value) => Number.isNaN(value))) continue;
    const last = before.get(device);
    const now = { time: whole.time, whole: whole.value, parts: values };
    if (last === undefined) {
      const zeros = { xx: parts.map(() => new Float64Array(parts.length)), xy: new Float64Array(parts.length) };
      next.set(device, { ...now, ...zeros, yy: 0, count: 0 });
      continue;
    }
    const gap = whole.time - last.time;
    if (gap < CHANGE_MS.least) continue;
    next.set(device, gap > CHANGE_MS.most ? { ...last, ...now } : grown(last, now));
  }
  return next;
}

function grown(last: Balance, now: Pick<Balance, 'time' | 'whole' | 'parts'>): Balance {
  const keep = Math.exp(-(now.time - last.time) / FORGET_MS);
  const x = Float64Array.from(now.parts, (value, at) => value - last.parts[at]!);
  const y = now.whole - last.whole;
  return {
    ...now,
    xx: last.xx.map((row, i) => row.map((sum, j) => sum * keep + x[i]! * x[j]!)),
    xy: last.xy.map((sum, at) => sum * keep + x[at]! * y),
    yy: last.yy * keep + y * y,
    count: last.count * keep + 1,
  };
}

/** Finds meters whose gain is off. If every judged part of a whole is off alike, the whole's meter is wrong. */
export function judgeGains(substation: RegionSubstation, gains: Gains): GainVerdict[] {
  return wholes(substation).flatMap((whole) => {
    const balance = gains.get(whole.device);
    return balance === undefined ? [] : verdicts(whole, balance);
  });
}

function verdicts({ device, parts }: Whole, { xx, xy, yy, count }: Balance): GainVerdict[] {
  if (count < FEWEST) return [];
  // One square kW on the diagonal keeps a part that never moves undetermined, so it is not judged.
  const factor = cholesky(xx.map((row, i) => row.map((value, j) => (i === j ? value + 1 : value))));
  const gains = solve(factor, xy);
  const noise = Math.max(1, (yy - dot(gains, xy)) / count);
  const judged = parts.flatMap((part, at) => {
    const error = Math.sqrt(noise * solve(factor, unit(parts.length, at))[at]!);
    const gain = gains[at]!;
    return error < MOST_ERROR ? [{ part, gain, kind: kindOf(gain, Math.abs(gain - 1) / error) }] : [];
  });
  const off = judged.flatMap(({ part, gain, kind }) => (kind === undefined ? [] : [{ part, gain, kind }]));
  const [first] = off;
  if (first === undefined) return [];
  const alike = off.length > 1 && off.length === judged.length && off.every(({ kind }) => kind === first.kind);
  if (alike)
    return [{ device, kind: first.kind, gain: 1 / first.gain, against: off.map(({ part }) => part).join(', ') }];
  return off.map(({ part, gain, kind }) => ({ device: part, kind, gain, against: device }));
}

function kindOf(gain: number, t: number): GainVerdict['kind'] | undefined {
  if (t < BELIEVED_T) return undefined;
  if (gain < RIGHT.turned) return 'reversed';
  return gain < RIGHT.least || gain > RIGHT.most ? 'gross' : undefined;
}
