import { beyond } from './alarm.ts';

/** A series with its limits; signed, positive is consumption, kW. */
export interface Ahead {
  /** Starts of the steps, ms UTC, ascending, and the end of the last one. */
  readonly starts: readonly number[];
  readonly end: number;
  readonly kw: readonly number[];
  readonly limits: { readonly importKw: number; readonly exportKw: number };
}

/** The first span in which a series exceeds a limit, and its worst step. */
export interface Violation {
  /** False: an earlier violation that is inside again, by less than the dead band. */
  readonly isBeyond: boolean;
  readonly from: number;
  readonly to: number;
  /** At the worst step, kW, signed. */
  readonly worstKw: number;
  readonly limitKw: number;
  readonly worstAt: number;
}

/** Allowed excess of a plan at its limit: the solver's tolerance, as a share of the limit, and what a text would show as 0 kW. */
const RESTS = { share: 0.001, kw: 0.5 };

interface Look {
  /** Spans that ended before are past, ms UTC. */
  readonly now: number;
  /** It counts as beyond already, and must come back inside by `deadBandPct` of the limit. */
  readonly was: boolean;
  readonly deadBandPct: number;
}

/** The first span in which a series exceeds its limit; if there is none but it was beyond, the first inside by less than the dead band. */
export function firstViolation(ahead: Ahead, look: Look): Violation | undefined {
  return spanOf(ahead, { ...look, was: false }) ?? (look.was ? spanOf(ahead, look) : undefined);
}

function spanOf({ starts, end, kw, limits }: Ahead, { now, was, deadBandPct }: Look): Violation | undefined {
  const limitAt = (value: number): number => (value < 0 ? -limits.exportKw : limits.importKw);
  const passes = (step: number): boolean => {
    const value = kw[step]!;
    const limit = Math.abs(limitAt(value));
    const rest = was ? 0 : Math.max(RESTS.kw, RESTS.share * limit);
    return beyond(was, { value: Math.abs(value) - rest, limit, deadBand: (limit * deadBandPct) / 100 });
  };
  const endOf = (step: number): number => starts[step + 1] ?? end;
  const first = starts.findIndex((_, step) => endOf(step) > now && passes(step));
  if (first < 0) return undefined;
  let last = first;
  while (last + 1 < kw.length && passes(last + 1) && Math.sign(kw[last + 1]!) === Math.sign(kw[first]!)) last++;
  let worst = first;
  for (let step = first; step <= last; step++) if (Math.abs(kw[step]!) > Math.abs(kw[worst]!)) worst = step;
  return {
    isBeyond: !was,
    from: Math.max(now, starts[first]!),
    to: endOf(last),
    worstKw: kw[worst]!,
    limitKw: limitAt(kw[worst]!),
    worstAt: starts[worst]!,
  };
}
