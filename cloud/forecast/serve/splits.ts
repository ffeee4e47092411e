import type { ForecastTarget } from '../registry/forecast-target.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { fitComponents, type ComponentFit } from './components.ts';
import type { TargetInputs } from './target-inputs.ts';

/** Effect of sun and wind on each target's load, fitted again whenever four weeks of weather have been read. */
export class Splits {
  readonly #fits = new Map<string, ComponentFit>();

  of(
    { id, zone, holidays }: Pick<ForecastTarget, 'id' | 'zone' | 'holidays'>,
    { context, contextWeather }: Pick<TargetInputs, 'context' | 'contextWeather'>,
  ): ComponentFit | undefined {
    if (contextWeather !== null) {
      const fit = fitComponents(context, contextWeather, new LocalCalendar(zone, holidays));
      if (fit === undefined) this.#fits.delete(id);
      else this.#fits.set(id, fit);
    }
    return this.#fits.get(id);
  }
}
