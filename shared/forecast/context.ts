import { COVARIATES, type Covariate } from '../contracts/covariates.ts';
import type { ModelContext } from '../contracts/model.ts';
import { formatMessage } from '../sentences/message-forms.ts';
import { DAY_MS, type LocalCalendar } from './calendar.ts';
import type { WeatherSeries } from './features.ts';
import { stepsPerDay, type LoadSeries } from './series.ts';

/** Version of the contract `context`; see CONTEXT.md. */
export const CONTEXT_VERSION = 1;

/** Input of a model of the contract `context`. */
export interface ContextSchema {
  readonly steps: number;
  readonly stepS: number;
  readonly context: ModelContext;
}

const WEATHER = ['ghi', 'wind', 'temperature'] as const satisfies readonly Covariate[];
type Weather = (typeof WEATHER)[number];
const isWeather = (name: Covariate): name is Weather => (WEATHER as readonly Covariate[]).includes(name);

/** Historical weather reaches back this many days from the origin; each issue reads no more. */
const WEATHER_DAYS = 9;

/** The covariates that need weather. */
export const weatherCovariates = ({ covariates }: ModelContext): readonly Weather[] => covariates.filter(isWeather);

/** Length of a row: the history, then the covariates of history and horizon. */
export const contextWidth = ({ context: { length, covariates }, steps }: ContextSchema): number =>
  length + (length + steps) * covariates.length;

/** Column names of a row: `load@-1` is the interval before the origin, `free@1` the first forecast interval. */
export function contextColumns({ context: { length, covariates }, steps }: ContextSchema): string[] {
  const columns = Array.from({ length }, (_, i) => `load@${i - length}`);
  for (let at = -length; at < steps; at++) columns.push(...covariates.map((name) => `${name}@${at < 0 ? at : at + 1}`));
  return columns;
}

/**
 * Rows for a model that takes raw history: the load before the origin, then step by step the covariates of history and horizon. Nothing is
 * filled, scaled or smoothed; unknown values are NaN.
 */
export class ContextSource {
  readonly schema: ContextSchema;
  readonly #load: LoadSeries;
  readonly #calendar: LocalCalendar;
  readonly #weather: WeatherSeries | undefined;

  constructor(schema: ContextSchema, load: LoadSeries, calendar: LocalCalendar, weather?: WeatherSeries) {
    const lacks = weatherCovariates(schema.context).find((name) => weather?.[name] === undefined);
    if (lacks !== undefined) throw new RangeError(`a context with ${lacks} needs ${lacks} data`);
    this.schema = schema;
    this.#load = load;
    this.#calendar = calendar;
    this.#weather = weather;
  }

  /** The row for the origin whose first target is index `next`. */
  row(next: number): Float32Array {
    const { context, steps } = this.schema;
    const { length, covariates } = context;
    const out = new Float32Array(contextWidth(this.schema));
    let i = 0;
    for (let at = next - length; at < next; at++) out[i++] = this.#load.values[at] ?? Number.NaN;
    if (covariates.length === 0) return out;
    const weatherFrom = next - WEATHER_DAYS * stepsPerDay(this.schema.stepS);
    for (let at = next - length; at < next + steps; at++)
      for (const name of covariates) {
        if (!isWeather(name)) out[i++] = this.#calendarAt(name, at);
        else out[i++] = at < weatherFrom ? Number.NaN : (this.#weather?.[name]?.[at] ?? Number.NaN);
      }
    return out;
  }

  #calendarAt(name: Exclude<Covariate, Weather>, at: number): number {
    const time = this.#load.start + at * this.#load.stepS * 1000;
    if (name === 'free') return this.#calendar.isFree(time) ? 1 : 0;
    const angle = (2 * Math.PI * this.#calendar.timeOfDayMs(time)) / DAY_MS;
    switch (name) {
      case 'sin1':
        return Math.sin(angle);
      case 'cos1':
        return Math.cos(angle);
      case 'sin2':
        return Math.sin(2 * angle);
      case 'cos2':
        return Math.cos(2 * angle);
    }
  }
}

/** Reason why a model may not ask for this context; undefined if it may. */
export function contextFault({ length, covariates }: ModelContext, mostSteps: number): string | undefined {
  if (length > mostSteps)
    return formatMessage('LS-MODEL-004', 'it asks for {steps} steps of history, {kept} are kept here', {
      steps: length,
      kept: mostSteps,
    });
  const odd = covariates.find((name, i) => !COVARIATES.includes(name) || covariates.indexOf(name) !== i);
  return odd === undefined
    ? undefined
    : formatMessage('LS-MODEL-004', 'covariate {covariate} is not known here, or named twice', { covariate: odd });
}
