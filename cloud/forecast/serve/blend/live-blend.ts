import type { MemberBlend } from '../../../../shared/contracts/model.ts';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { indexOfLevel, pinball } from '../../../../shared/forecast/quantiles.ts';
import { weightsOf } from '../../train/ensemble.ts';
import { observationOf } from '../late-targets.ts';

/** A model whose members can be reweighted. */
export type BlendedModel = Pick<ModelManifest, 'steps' | 'stepS' | 'quantiles'> & { readonly blend: MemberBlend };

/** Pinball losses of P10, P50 and P90 at targets of one UTC day, kW. */
interface DayLosses {
  readonly day: number;
  /** Number of errors of each group, the same for all members. */
  readonly counts: number[];
  /** [group x member] */
  readonly losses: number[];
}

/** The members' forecasts for one target. */
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
/** Number of origins that make a full day; errors of origins closer than 3 h are nearly the same. */
const WHOLE_DAY = 8;
/** `npm run bench -- blend` compares several values: the smallest has the lowest loss. */
export const PRIOR_DAYS = 1;
const LEAST_WEIGHT = 1e-6;

/**
 * The live weights of a model's members, without retraining. Each member's quantiles come with the answer (the second output of the graph),
 * so its errors are known whatever the current weights.
 * - Once an hour, P10, P50 and P90 of each member at some leads wait for their target, late ones for up to `LATE_MS`. A target that stays
 * unknown, is of bad quality or lies in an annotated outage does not count.
 * - Losses are summed by horizon group, member and UTC day of the target. 28 days are kept: the backtest's window, a bounded memory, and
 * the state for a restart (`state`).
 * - A group's weights are the softmax of the trailing mean losses relative to their mean, as in training. The trained weights count as
 * `priorDays` more days, and apply alone while no errors are known. All weights are positive and add up to 1, so quantiles that do not
 * cross still do not.
 * - The tails are tracked on the blended result that is issued (see `Verification`).
 */
export class LiveBlend {
  readonly #model: BlendedModel;
  readonly #priorDays: number;
  readonly #scored: readonly number[];
  /** Scored steps of each group, counted from 0: its middle and its last one. */
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

  /** The current weights. */
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

  /** Adds the members' forecasts, [member x step x quantile]; the first step starts at `start`. */
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

  /** Learns from the actual values up to `knownUpTo`; `actual` returns NaN if unknown. */
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

  /** `state`: of the same model. */
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
 * Mixes the logarithms of the weights, which are relative losses: `share` of the observed, the rest of the trained. The result is rounded
 * as a vintage stores it, so that the vintage records the weights actually used.
 */
function pooled(trained: readonly number[], seen: readonly number[], share: number): number[] {
  const log = (weight: number): number => Math.log(Math.max(LEAST_WEIGHT, weight));
  const raw = trained.map((weight, m) => Math.exp((1 - share) * log(weight) + share * log(seen[m]!)));
  const sum = raw.reduce((all, each) => all + each, 0);
  return raw.map((each) => inFigures(each / sum));
}

const inFigures = (value: number): number => Number(value.toPrecision(6));
