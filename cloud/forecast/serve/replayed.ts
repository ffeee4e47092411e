import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { endOf, valueAt } from '../../../shared/forecast/series.ts';
import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { LiveBlends } from './blend/live-blends.ts';
import { makeForecast, type MadeForecast } from './issuer.ts';
import type { TargetInputs } from './target-inputs.ts';
import { Verification } from './verification.ts';

/** Repeats the issues of the past in order of time: weights and residuals are learnt only from the values known at each issue. */
export class Replayed {
  readonly #target: ForecastTarget;
  readonly #inference: Inference;
  readonly #verification: Verification;
  readonly #blends = new LiveBlends();
  readonly #calendars = new Map<string, LocalCalendar>();

  constructor(
    target: ForecastTarget,
    {
      inference,
      horizon,
    }: { readonly inference: Inference; readonly horizon: { readonly steps: number; readonly stepS: number } },
  ) {
    this.#target = target;
    this.#inference = inference;
    this.#verification = new Verification(QUANTILES, horizon);
  }

  /** `model`: loaded under its id. */
  async issue(issuedAt: number, inputs: TargetInputs, model: ModelManifest): Promise<Outcome<MadeForecast>> {
    const end = endOf(inputs.load);
    const actual = (time: number): number => valueAt(inputs.load, time);
    this.#verification.settle(end, actual);
    const blend = this.#blends.of(this.#target.id, model);
    blend?.settle(end, actual);
    const outcome = await makeForecast({
      target: this.#target,
      issuedAt,
      inputs,
      model,
      blend: blend && { weights: blend.weights(), issued: (first, said) => blend.issued(first, said) },
      noModel: 'LS-FORECAST-001: no model',
      inference: this.#inference,
      verification: this.#verification,
      calendars: this.#calendars,
    });
    if (outcome.ok) this.#verification.took(outcome.value.forecast, outcome.value.raw);
    return outcome;
  }
}
