import type { MemberBlend } from '../../../../shared/contracts/model.ts';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { indexOfLevel, pinball } from '../../../../shared/forecast/quantiles.ts';
import { weightsOf } from '../../train/ensemble.ts';
import { observationOf } from '../late-targets.ts';

/** A model whose members can be weighed. */
export type BlendedModel = Pick<ModelManifest, 'steps' | 'stepS' | 'quantiles'> & { readonly blend: MemberBlend };

/** Pinball losses of P10, P50 and P90 at targets of one UTC day, kW. */
interface DayLosses {
  readonly day: number;
  /** Errors of each group: every member has the same ones. */
  readonly counts: number[];
  /** [group x member] */
  readonly losses: number[];
}

/** What the members said of one target. */
interface Pending {
  readonly time: number;
  readonly group: number;
  /** [member x level], kW. */
  readonly said: readonly number[];
}

const SCORED = [0.1, 0.5, 0.9];
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WINDOW_DAYS = 28;
/** A day with so many origins counts whole: errors of origins closer than 3 h are nearly the same. */
const WHOLE_DAY = 8;
/** See `npm run bench -- blend`, which tries several: the fewest have the least loss. */
export const PRIOR_DAYS = 1;
const LEAST_WEIGHT = 1e-6;

/**
 * The weights of a model's members in live operation, without retraining. Each member's quantiles come with the answer (the second output
 * of the graph), so its errors are known whatever weights are in force.
 * - Once an hour P10, P50 and P90 of each member at some leads wait for their target, late ones for as long as `LATE_MS` says. A target
 * that stays unknown, is of bad quality or lies in an annotated outage never counts.
 * - Losses are summed by horizon group, member and UTC day of the target. 28 days are kept: the backtest's window, a bounded memory, and
 * the state for a restart (`state`).
 * - A group's weights are the softmax of the trailing mean losses relative to their mean, as in training. The trained weights count as
 * `priorDays` more days. Without known errors the trained weights apply. All weights are positive and add up to 1, so uncrossed quantiles
 * stay uncrossed.
 * - The tails are tracked on the blended result that is issued (see `Verification`).
 */
export class LiveBlend {
  readonly #model: BlendedModel;
  readonly #priorDays: number;
  readonly #scored: readonly number[];
  /** Steps that are scored, counted from 0, of each group: in its middle and its last. */
  readonly #steps: readonly (readonly number[])[];
  #days: DayLosses[] = [];
  #pending: Pending[] = [];
  #last = Number.NEGATIVE_INFINITY;

  constructor(model: BlendedModel, priorDays = PRIOR_DAYS) {
    this.#model = model;
    this.#priorDays = priorDays;
    this.#scored = SCORED.map((level) => indexOfLevel(model.quantiles, level));
    this.#steps = model.blend.groups.map(({ to }, group) => {
      const from = model.blend.groups[group - 1]?.to ?? 0;
      return [...new Set([Math.ceil((from + to) / 2) - 1, to - 1])];
    });
  }

  /** The weights now. */
  weights(): MemberBlend {
    const { members, groups } = this.#model.blend;
    const days = this.#days;
    return {
      members,
      groups: groups.map(({ to, weights: trained }, group) => {
        const perDay = WHOLE_DAY * this.#steps[group]!.length;
        const seen = days.reduce((sum, { counts }) => sum + Math.min(1, counts[group]! / perDay), 0);
        if (seen === 0) return { to, weights: trained };
        const losses = members.map((_, m) =>
          days.reduce((sum, each) => sum + each.losses[group * members.length + m]!, 0),
        );
        const share = seen / (seen + this.#priorDays);
        return { to, weights: pooled(trained, weightsOf(losses), share) };
      }),
    };
  }

  /** What the members said, [member x step x quantile]; the first step starts at `start`. */
  issued(start: number, said: ArrayLike<number>): void {
    if (Math.abs(start - this.#last) < HOUR_MS) return;
    this.#last = start;
    const { steps, stepS, quantiles, blend } = this.#model;
    const column = (step: number): number[] =>
      blend.members.flatMap((_, member) =>
        this.#scored.map((q) => inFigures(said[(member * steps + step) * quantiles.length + q]!)),
      );
    for (const [group, scored] of this.#steps.entries())
      for (const step of scored) this.#pending.push({ time: start + step * stepS * 1000, group, said: column(step) });
  }

  /** Learns from what has come up to `knownUpTo`; `actual` answers NaN where it is not known. */
  settle(knownUpTo: number, actual: (time: number) => number): void {
    this.#pending = this.#pending.filter((each) => {
      const came = observationOf(each.time, knownUpTo, actual);
      if (typeof came === 'number') this.#count(each, came);
      return came === 'waits';
    });
    const oldest = Math.floor(knownUpTo / DAY_MS) - WINDOW_DAYS;
    this.#days = this.#days.filter(({ day }) => day > oldest);
  }

  state(): unknown {
    const days = this.#days.map(({ day, counts, losses }) => ({ day, counts, losses: losses.map(inFigures) }));
    return { days, pending: this.#pending, last: Number.isFinite(this.#last) ? this.#last : null };
  }

  /** A state of the same model. */
  restore(state: unknown): void {
    const { days, pending, last } = state as { days?: DayLosses[]; pending?: Pending[]; last?: number | null };
    this.#days = days ?? [];
    this.#pending = pending ?? [];
    this.#last = last ?? Number.NEGATIVE_INFINITY;
  }

  #count({ time, group, said }: Pending, came: number): void {
    const { members, groups } = this.#model.blend;
    const day = Math.floor(time / DAY_MS);
    let entry = this.#days.find((each) => each.day === day);
    if (entry === undefined) {
      entry = { day, counts: groups.map(() => 0), losses: groups.flatMap(() => members.map(() => 0)) };
      this.#days.push(entry);
    }
    entry.counts[group]!++;
    for (const m of members.keys())
      for (const [i, level] of SCORED.entries())
        entry.losses[group * members.length + m]! += pinball(level, came, said[m * SCORED.length + i]!);
  }
}

/**
 * Mixes weights in the logarithm, which is a relative loss: `share` of the observed, the rest of the trained. Rounded as a vintage stores
 * them, so that it records the weights used.
 */
function pooled(trained: readonly number[], seen: readonly number[], share: number): number[] {
  const log = (weight: number): number => Math.log(Math.max(LEAST_WEIGHT, weight));
  const raw = trained.map((weight, m) => Math.exp((1 - share) * log(weight) + share * log(seen[m]!)));
  const sum = raw.reduce((all, each) => all + each, 0);
  return raw.map((each) => inFigures(each / sum));
}

const inFigures = (value: number): number => Number(value.toPrecision(6));
