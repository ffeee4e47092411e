import type { ForecastTarget } from '../../forecast/registry/forecast-target.ts';
import { STEPS, STEP_S } from '../../forecast/registry/horizons.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { LoadSource, WeatherSource } from '../../forecast/serve/inputs.ts';
import { InputReader } from '../../forecast/serve/target-inputs.ts';
import { bundleOf } from '../../forecast/registry/bundle.ts';
import { weatherWithin } from '../../../shared/forecast/weather-series.ts';
import { trainInputOf } from '../../forecast/serve/train-input.ts';
import { FIRST, RECIPE, within } from '../../forecast/train/recipe.ts';
import { weatherFor, type WeatherMode } from '../inputs/weather-mode.ts';
import type { BacktestTasks } from './backtest-tasks.ts';

export interface RefitParts {
  readonly load: LoadSource;
  readonly weather: WeatherSource | undefined;
  readonly compute: Compute<BacktestTasks>;
  readonly inference: Inference;
}

export interface RefitPlan {
  readonly target: ForecastTarget;
  readonly everyMs: number;
  /** Name of the model in the inference. */
  readonly name: string;
  readonly weather: WeatherMode;
}

const STEP_MS = STEP_S * 1000;
const LEAST_DAYS = 28;
/** Only the members that train within seconds, because a backtest refits often. Days and features are those of production. */
const REFIT = within(RECIPE, FIRST.members);

/** Refits the active model's recipe on what was known at an issue, whenever `everyMs` have passed since the last time. */
export class Refitter {
  readonly #parts: RefitParts;
  readonly #plan: RefitPlan;
  #last = Number.NEGATIVE_INFINITY;

  constructor(parts: RefitParts, plan: RefitPlan) {
    this.#parts = parts;
    this.#plan = plan;
  }

  /** The new model; undefined: keep the previous one. */
  async due(issuedAt: number): Promise<Outcome<ModelManifest> | undefined> {
    if (issuedAt - this.#last < this.#plan.everyMs) return undefined;
    this.#last = issuedAt;
    const { target, name, weather: mode } = this.#plan;
    const { load, weather, compute, inference } = this.#parts;
    const reader = new InputReader(load, weatherFor(mode, weather), [target]);
    const end = Math.floor(issuedAt / STEP_MS) * STEP_MS;
    const inputs = await reader.read(target.id, { end, days: REFIT.trainingDays, ahead: 0, asOf: issuedAt });
    const from = Math.max(
      0,
      inputs.load.values.findIndex((value) => !Number.isNaN(value)),
    );
    const values = inputs.load.values.slice(from);
    const known = values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0);
    if (known < LEAST_DAYS * 96)
      return bad('LS-FORECAST-001', `${Math.floor(known / 96)} days of usable load; ${LEAST_DAYS} are needed`);
    const weatherSince = inputs.weather && weatherWithin(inputs.weather, from);
    const loadSince = { ...inputs.load, start: inputs.load.start + from * STEP_MS, values };
    const trained = await compute.run(
      'trainForecast',
      trainInputOf(
        REFIT,
        target,
        { load: loadSince, weather: weatherSince },
        { steps: STEPS, levels: QUANTILES, withMembers: false },
      ),
    );
    const { manifest, bytes } = bundleOf(trained, {
      target: target.id,
      substation: target.substation,
      role: 'cloud',
      createdAt: issuedAt,
    });
    const loaded = await inference.load(name, bytes);
    return loaded.ok ? good({ ...manifest, id: name }) : loaded;
  }
}
