import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource, type FeatureSchema } from '../../../shared/forecast/features.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { predictRidge, trainRidge, type RidgeInput, type RidgeModel } from '../train/ridge-member.ts';

/** Fits the linear member alone; runs in the worker pool. */
export type FitLinear = (input: RidgeInput) => Promise<RidgeModel>;

export const linearTasks = { fitLinear: (input: RidgeInput): RidgeModel => trainRidge(input) };

export interface LinearAsk {
  readonly target: string;
  /** What replaces the meter: a model of the meter does not fit its replacement. */
  readonly substitution: string | null;
  readonly zone: string;
  readonly holidays?: readonly string[] | undefined;
  /** Up to four weeks, screened, ending at the origin. */
  readonly load: LoadSeries;
  readonly steps: number;
  readonly levels: readonly number[];
}

const LEAST_DAYS = 14;
const KEEP_MS = 7 * 86_400_000;

/**
 * The linear member as a fallback for a failed model; it needs neither weather nor ONNX Runtime. A target's is fitted on the first request,
 * one at a time, and kept for a week; until it is ready, the answer is undefined.
 */
export class LinearFallback {
  readonly #fit: FitLinear;
  readonly #fitted = new Map<string, { readonly model: RidgeModel; readonly upTo: number }>();
  readonly #failures: unknown[] = [];
  #fitting: string | undefined;

  constructor(fit: FitLinear) {
    this.#fit = fit;
  }

  /** [step x level] step-major, for the steps after the load. */
  forecast(ask: LinearAsk): Float64Array | undefined {
    const { target, substitution, load, zone, holidays } = ask;
    const key = `${target} ${substitution ?? ''}`;
    const end = load.start + load.values.length * load.stepS * 1000;
    const fitted = this.#fitted.get(key);
    if (fitted === undefined || fitted.upTo < end - KEEP_MS) this.#prepare(key, ask, end);
    if (fitted === undefined) return undefined;
    const source = new FeatureSource(fitted.model.schema, load, new LocalCalendar(zone, holidays));
    return predictRidge(fitted.model, source.row(load.values.length));
  }

  /** The errors of fits that failed since it was last asked. */
  takeFailures(): unknown[] {
    return this.#failures.splice(0);
  }

  #prepare(key: string, { load, zone, holidays, steps, levels }: LinearAsk, upTo: number): void {
    const known = load.values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
    if (this.#fitting !== undefined || known < (LEAST_DAYS * 86_400) / load.stepS) return;
    this.#fitting = key;
    const schema: FeatureSchema = { steps, stepS: load.stepS, weather: false };
    this.#fit({ load, schema, zone, levels, ...(holidays && { holidays }) })
      .then((model) => void this.#fitted.set(key, { model, upTo }))
      // A failed fit is retried at the next failure of the model.
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => {
        this.#fitting = undefined;
      });
  }
}
