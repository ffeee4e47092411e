import type { ForecastTarget } from '../../registry/forecast-target.ts';
import { STEP_S } from '../../registry/horizons.ts';
import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { HISTORY_DAYS } from '../../../../shared/forecast/features.ts';
import { indexOfLevel } from '../../../../shared/forecast/quantiles.ts';
import { LoadstoneError, unwrap } from '../../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../../shared/ports/inference.ts';
import { Turns } from '../../../../shared/time/turns.ts';
import type { ModelRegistry } from '../../registry/registry.ts';
import { runWeighted } from '../blend/run-weighted.ts';
import { rowsFor } from '../model-rows.ts';
import type { LoadSource, WeatherSource } from '../inputs.ts';
import { InputReader } from '../target-inputs.ts';
import { contributionsOf } from './contributions.ts';
import type { FeatureGroup } from './feature-groups.ts';
import type { Sentence } from '../../../../shared/contracts/sentence.ts';
import { Sentences } from '../../../../shared/sentences/said.ts';
import { explainedInWords } from './words.ts';

export interface ExplainerOptions {
  readonly targets: readonly ForecastTarget[];
  readonly load: LoadSource;
  readonly weather: WeatherSource | undefined;
  readonly registry: Pick<ModelRegistry, 'get' | 'bytes'>;
  readonly inference: Inference;
}

/** Explanation of a forecast: kW, one value per step; `base` and the contributions add up to its P50. */
export interface Explanation {
  readonly base: readonly number[];
  /**
   * `adjustment`: everything outside the model: the calibration by past errors, the parts of a sum, the reconciliation, and measurements
   * that arrived after the issue.
   */
  readonly contributions: Readonly<Record<FeatureGroup | 'adjustment', readonly number[]>>;
  readonly summary: readonly string[];
  /** The sentences of the summary. */
  readonly sentences: readonly Sentence[];
}

const DAYS = 7;
const DAY_STEPS = 96;
const MOST_CACHED = 200;

/** Explains stored forecasts from what was known when they were issued, one at a time. It caches the last ones. */
export class Explainer {
  readonly #options: ExplainerOptions;
  readonly #cache = new Map<string, Explanation>();
  readonly #turns = new Turns();

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  /** Throws LS-FORECAST-009 if no model of the registry made the forecast, LS-FORECAST-003 if the model does not run. */
  explain(forecast: Forecast): Promise<Explanation> {
    return this.#turns.take(async () => {
      const known = this.#cache.get(forecast.id);
      if (known !== undefined) return known;
      const made = await this.#explained(forecast);
      this.#cache.set(forecast.id, made);
      for (const id of this.#cache.keys()) if (this.#cache.size > MOST_CACHED) this.#cache.delete(id);
      return made;
    });
  }

  async #explained(forecast: Forecast): Promise<Explanation> {
    const { targets, load, weather, registry, inference } = this.#options;
    if (forecast.load !== 'uncontrolled')
      throw new LoadstoneError(
        'LS-FORECAST-009',
        `${forecast.id} is a forecast of the ${forecast.load} load; only forecasts of the uncontrolled load can be explained`,
      );
    const target = targets.find(({ id }) => id === forecast.target);
    const manifest = (await registry.get(forecast.model.id))?.manifest;
    const bytes = manifest && (await registry.bytes(manifest.sha256));
    if (target === undefined || manifest === undefined || bytes === undefined)
      throw new LoadstoneError(
        'LS-FORECAST-009',
        `${forecast.id} comes from ${forecast.model.id}, which is not in the registry`,
      );
    if (manifest.context !== undefined)
      throw new LoadstoneError(
        'LS-FORECAST-009',
        `${manifest.id} takes raw history, so there are no features to attribute its forecast to`,
      );
    const days = HISTORY_DAYS + 1 + DAYS;
    const window = { end: forecast.start, days, ahead: manifest.steps, asOf: forecast.issuedAt };
    const inputs = await new InputReader(load, weather, [target]).read(target.id, window);
    const calendar = new LocalCalendar(target.zone, target.holidays);
    const source = rowsFor(manifest, inputs, calendar);
    if (source === undefined)
      throw new LoadstoneError('LS-FORECAST-009', `the weather used for ${forecast.id} is no longer stored`);
    const next = inputs.load.values.length;
    const background = Array.from({ length: DAYS }, (_, day) => source.row(next - (day + 1) * DAY_STEPS));
    // A separate name, so that the model in use stays loaded under its id.
    const name = `explain/${manifest.id}`;
    const model = { ...manifest, id: name };
    unwrap(await inference.load(name, bytes));
    const weights = forecast.model.blend;
    try {
      const made = await contributionsOf(
        manifest,
        { row: source.row(next), background },
        async (rows, batch) => unwrap(await runWeighted(inference, model, { rows, batch, weights })).output,
      );
      const issued = forecast.values[indexOfLevel(forecast.quantiles, 0.5)]!;
      const adjustment = made.median.map((value, step) => (issued[step] ?? value) - value);
      const contributions = { ...made.groups, adjustment };
      const clock = (step: number): string => localClock(calendar, forecast.start + step * STEP_S * 1000);
      const words = new Sentences();
      const said = explainedInWords({ base: made.base, contributions, stepS: STEP_S }, clock);
      const summary = said.map((each) => words.add(each));
      return { base: made.base, contributions, summary, sentences: words.list };
    } finally {
      await inference.unload(name);
    }
  }
}

/** Format: 26 Sep 13:15, local. */
function localClock(calendar: LocalCalendar, time: number): string {
  const local = new Date(time + calendar.offsetMs(time)).toUTCString();
  return `${local.slice(5, 11)} ${local.slice(17, 22)}`;
}
