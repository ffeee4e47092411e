import type { ForecastTarget } from '../../registry/forecast-target.ts';
import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { JointSums, type PathStore } from './joint-sums.ts';
import { SumBlend } from './sum-blend.ts';

/** The forecast of a sum from its parts. */
export interface PartsAside {
  /** [step x level] step-major, kW. */
  readonly raw: Float64Array;
  /** Every part is forecast by its model, none by a fallback. */
  readonly sound: boolean;
  readonly blend: SumBlend;
}

/** The targets that are sums of others, such as a region of its substations. */
export class SumDesk {
  readonly joint: JointSums;
  readonly #stepS: number;
  readonly #blends = new Map<string, SumBlend>();

  constructor(store: PathStore, stepS: number) {
    this.joint = new JointSums(store);
    this.#stepS = stepS;
  }

  /** Learns from the actual values of a target that is a sum. */
  settle({ id, parts }: ForecastTarget, knownUpTo: number, actual: (time: number) => number): void {
    if (parts !== undefined) this.#blendOf(id).settle(knownUpTo, actual);
  }

  /** Undefined if the target is no sum, a part has no forecast from `start` on, or too little is known of their joint errors. */
  async aside(
    { id, parts }: ForecastTarget,
    start: number,
    newest: (target: string) => Forecast | undefined,
  ): Promise<PartsAside | undefined> {
    if (parts === undefined) return undefined;
    const forecasts = parts.map(newest);
    if (!forecasts.every((each) => each?.start === start)) return undefined;
    const known = forecasts.filter((each) => each !== undefined);
    const sum = await this.joint.sum(known);
    if (sum === undefined) return undefined;
    return { raw: sum.raw, sound: known.every(({ fallback }) => fallback === null), blend: this.#blendOf(id) };
  }

  state(target: string): readonly number[] | undefined {
    return this.#blends.get(target)?.state();
  }

  restore(target: string, state: unknown): void {
    if (Array.isArray(state)) this.#blendOf(target).restore(state as number[]);
  }

  #blendOf(target: string): SumBlend {
    let blend = this.#blends.get(target);
    if (blend === undefined) this.#blends.set(target, (blend = new SumBlend(QUANTILES, this.#stepS)));
    return blend;
  }
}
