import type { ModelManifest } from '../../shared/contracts/model.ts';
import { checkBundle, checkParity } from '../../shared/forecast/bundle-check.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../shared/forecast/features.ts';
import { inputOf, rowsOf, suffices } from '../../shared/forecast/model-input.ts';
import type { QuantileForecast } from '../../shared/forecast/naive.ts';
import { uncross } from '../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import { refused } from '../../shared/sentences/refused.ts';

/** A model that passed the checks and is loaded under its id. */
export class Contender {
  readonly manifest: ModelManifest;
  readonly #inference: Inference;
  inferenceMs: number;
  #calendar: LocalCalendar | undefined;

  private constructor(manifest: ModelManifest, inference: Inference, inferenceMs: number) {
    this.manifest = manifest;
    this.#inference = inference;
    this.inferenceMs = inferenceMs;
  }

  /** Checks hash, size, operators, shape, parity and time; LS-MODEL codes name the failure. `isLoaded`: the model is already running. */
  static async admit(
    { manifest, bytes, now, isLoaded }: { manifest: ModelManifest; bytes: Uint8Array; now: number; isLoaded: boolean },
    inference: Inference,
  ): Promise<Outcome<Contender>> {
    const checked = await checkBundle({ manifest, bytes, now, place: 'gateway' });
    if (!checked.ok) return checked;
    const loaded = isLoaded ? undefined : await inference.load(manifest.id, bytes);
    if (loaded !== undefined && !loaded.ok) return loaded;
    const parity = await checkParity(manifest, inference);
    if (parity.ok) return good(new Contender(manifest, inference, parity.value.ms));
    if (!isLoaded) await inference.unload(manifest.id);
    return parity;
  }

  /**
   * Forecasts from the end of the series on, in the local time of `zone` with the holidays of the manifest. `weather`: on the grid of the
   * series through the last step. LS-FORECAST-003: unknown input, no temperature for a model that needs it, late, not finite, wrong length
   * or out of range.
   */
  async forecast(
    series: LoadSeries,
    { zone, weather }: { readonly zone: string; readonly weather: WeatherSeries | undefined },
  ): Promise<Outcome<QuantileForecast>> {
    const { id, steps, stepS, quantiles, outputRange, holidays } = this.manifest;
    const schema = inputOf(this.manifest);
    if (schema === undefined) return bad('LS-FORECAST-003', `${id} needs an input that is unknown here`);
    if (!suffices(schema, weather))
      return refused('LS-FORECAST-003', '{model} needs the temperature, and none is known here', { model: id });
    this.#calendar ??= new LocalCalendar(zone, holidays);
    const source = rowsOf(schema, series, this.#calendar, weather);
    const result = await this.#inference.run(id, source.row(series.values.length), 1);
    if (!result.ok) return result;
    this.inferenceMs = result.value.ms;
    const { output } = result.value;
    const count = steps * quantiles.length;
    if (output.length !== count)
      return bad('LS-FORECAST-003', `model ${id} gave ${output.length} values instead of ${count}`);
    const outside = output.find((value) => value < outputRange.minKw || value > outputRange.maxKw);
    if (outside !== undefined) {
      const detail = `${Math.round(outside)} kW is outside ${outputRange.minKw} to ${outputRange.maxKw} kW`;
      return bad('LS-FORECAST-003', detail);
    }
    const values = quantiles.map((_, q) =>
      Array.from({ length: steps }, (_, step) => output[step * quantiles.length + q]!),
    );
    const start = series.start + series.values.length * stepS * 1000;
    return good({ start, stepS, levels: quantiles, values: uncross(values) });
  }
}
