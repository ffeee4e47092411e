import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Image } from './image.ts';
import type { DeviceSpec } from './model.ts';

export interface EnvelopeSettings {
  /** What all commanded devices together may take and feed in without a plan: a signed pair. */
  readonly default: PowerRange;
  readonly narrowAfterS: number;
  readonly releaseKwPerS: number;
}

/**
 * Each device's share of the default envelope, by rating. A silent device counts at its worst: what it could take or feed in is
 * taken off before the others share.
 */
export function defaultShares(
  specs: readonly DeviceSpec[],
  image: Image,
  budget: PowerRange,
): ReadonlyMap<string, PowerRange> {
  const commanded = specs.filter(({ lever }) => lever !== 'none');
  const silent = commanded.filter(({ id }) => image.devices.get(id)?.fresh !== true);
  const heard = commanded.filter(({ id }) => image.devices.get(id)?.fresh === true);
  const sum = (list: readonly DeviceSpec[], end: 'minKw' | 'maxKw'): number =>
    list.reduce((total, { rating }) => total + rating[end], 0);
  const factor = (end: 'minKw' | 'maxKw'): number => {
    const left = Math.max(0, Math.abs(budget[end]) - Math.abs(sum(silent, end)));
    const wanted = Math.abs(sum(heard, end));
    return wanted === 0 ? 0 : Math.min(1, left / wanted);
  };
  const [exportShare, importShare] = [factor('minKw'), factor('maxKw')];
  return new Map(
    heard.map(({ id, rating }) => [
      id,
      { minKw: rating.minKw * exportShare || 0, maxKw: rating.maxKw * importShare || 0 },
    ]),
  );
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
