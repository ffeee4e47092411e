import type { WeatherBody } from '../../shared/contracts/document.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import { Duel, type Said } from '../../shared/forecast/duel.ts';
import { HISTORY_DAYS, type WeatherSeries } from '../../shared/forecast/features.ts';
import { baselineForecast, type QuantileForecast } from '../../shared/forecast/naive.ts';
import { GATEWAY_QUANTILES, indexOfLevel } from '../../shared/forecast/quantiles.ts';
import { completeness, screened, stepsPerDay, type LoadSeries } from '../../shared/forecast/series.ts';
import type { UncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { Turns } from '../../shared/time/turns.ts';
import { Contender } from './contender.ts';
import { LoadHistory } from './load-history.ts';
import { LocalTemperature } from './local-temperature.ts';
import { RecentErrors } from './recent-errors.ts';

/** A forecast of the gateway's uncontrolled load, kW, load convention. */
export interface LocalForecast extends QuantileForecast {
  readonly issuedAt: number;
  /** Id of the model, or `seasonalNaive`. */
  readonly by: string;
  /** Why the baseline answers; null if the model does. */
  readonly reason: string | null;
  /** Peak of the median. */
  readonly peakKw: number;
  readonly peakAt: number;
}

export interface LocalForecasterOptions {
  readonly clock: Clock;
  readonly inference: Inference;
  readonly load: UncontrolledLoad;
  /** IANA zone of the substation. */
  readonly zone: string;
  readonly onEvent: (event: LoadstoneEvent) => void;
}

interface Active {
  readonly contender: Contender;
  /** Errors of the model and of the baseline. */
  readonly errors: RecentErrors;
  readonly duel: Duel;
  /** Why the model is set aside; null while it answers. */
  aside: Fault | null;
  /** Good runs since it was set aside. */
  goodRuns: number;
}

/** The shadow model. `contender` is undefined if it was refused. */
interface Beside {
  readonly id: string;
  readonly contender: Contender | undefined;
  refused: string | null;
  /** Consecutive failed runs. */
  failures: number;
}

type Surroundings = Parameters<Contender['forecast']>[1];

const STEP_S = 900;
const STEP_MS = STEP_S * 1000;
const STEPS = 96;
const DAY = stepsPerDay(STEP_S);
const NEEDED_HOURS = 168;
/** Scored targets needed to compare model and baseline, and the error ratio above which the model is set aside. */
const LEAST_SCORES = 48;
const WORSE = 1.1;
const GOOD_RUNS = 3;
/** A shadow model that fails this often in a row is refused. */
const MOST_FAILURES = 3;

/**
 * The gateway's own forecast, every 15 min of plant time, from its own measurements. The seasonal-naive baseline always runs too. A model
 * that is late, not finite, out of range or worse than the baseline is set aside until it recovers.
 */
export class LocalForecaster {
  readonly #options: LocalForecasterOptions;
  readonly #history: LoadHistory;
  readonly #temperature = new LocalTemperature();
  #timer: Timer | undefined;
  #active: Active | undefined;
  #beside: Beside | undefined;
  #phase: 'none' | 'fetching' | 'refused' = 'none';
  #reason: string | null = formatMessage('any', 'no model yet');
  #latest: LocalForecast | undefined;
  readonly #turns = new Turns();

  constructor(options: LocalForecasterOptions) {
    this.#options = options;
    this.#history = new LoadHistory(options.load, STEP_MS, (HISTORY_DAYS + 1) * DAY);
  }

  start(): void {
    this.#timer = every(this.#options.clock.plant, STEP_MS, () => this.issue());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#turns.over();
    await this.#options.inference.close();
  }

  /** Takes the values of the net meter, the devices and temperature sensors, and ignores all others. */
  observe(frame: Frame): void {
    this.#history.observe(frame);
    this.#temperature.observe(frame);
  }

  /** Takes the temperature that the cloud sends, in place of what it sent before. */
  weather(body: WeatherBody): void {
    this.#temperature.take(body);
  }

  /** 15-min means of the uncontrolled load before the start: from the journal, a snapshot or the cloud. */
  seed(history: LoadSeries): void {
    this.#history.seed(history);
  }

  /** Input for `seed` after a restart; NaN where an interval is unknown. */
  snapshot(): LoadSeries {
    return this.#history.series();
  }

  latest(): LocalForecast | undefined {
    return this.#latest;
  }

  /** For the health report. */
  state(): HealthReport['model'] {
    const active = this.#active;
    if (active === undefined) return { id: null, state: this.#phase, inferenceMs: null, reason: this.#reason };
    const beside = this.#beside;
    return {
      id: active.contender.manifest.id,
      state: active.aside === null ? 'active' : 'set-aside',
      inferenceMs: active.contender.inferenceMs,
      reason: active.aside === null ? (this.#latest?.reason ?? null) : `${active.aside.code}: ${active.aside.detail}`,
      ...(beside && { beside: { id: beside.id, refused: beside.refused, ...active.duel.beside } }),
    };
  }

  /** Notes that the bytes of a model are being fetched. */
  fetching(): void {
    if (this.#active === undefined) this.#phase = 'fetching';
  }

  /**
   * Checks a signed bundle (hash, size, operators, shape, parity, time) and puts it into use. The previous model answers until then, and
   * stays if the new one is refused (LS-MODEL codes).
   */
  offer(manifest: ModelManifest, bytes: Uint8Array): Promise<Outcome<{ readonly id: string; readonly ms: number }>> {
    return this.#turns.take(async () => {
      const { id } = manifest;
      const before = this.#active?.contender;
      if (before?.manifest.sha256 === manifest.sha256 && before.manifest.id === id)
        return good({ id, ms: before.inferenceMs });
      const outcome = await this.#admit(manifest, bytes);
      if (!outcome.ok) {
        if (this.#active === undefined) this.#phase = 'refused';
        this.#reason = `${outcome.fault.code}: ${outcome.fault.detail}`;
        return outcome;
      }
      const contender = outcome.value;
      if (this.#beside?.id === id) this.#beside = undefined;
      this.#active = { contender, errors: new RecentErrors(), duel: new Duel(), aside: null, goodRuns: 0 };
      if (before !== undefined && before.manifest.id !== id) await this.#options.inference.unload(before.manifest.id);
      const ms = contender.inferenceMs;
      this.#say(
        'info',
        'model.activated',
        formatMessage('model.activated', 'Model {model} is in use, {ms} ms per forecast.', {
          model: id,
          ms: ms.toFixed(1),
        }),
        id,
      );
      await this.#issueNow();
      return good({ id, ms });
    });
  }

  /** Runs a shadow model beside the active one, after the same checks, and compares their errors. */
  offerBeside(
    manifest: ModelManifest,
    bytes: Uint8Array,
  ): Promise<Outcome<{ readonly id: string; readonly ms: number }>> {
    return this.#turns.take(async () => {
      const { id } = manifest;
      const held = this.#beside?.id === id ? this.#beside.contender : undefined;
      if (held !== undefined) return good({ id, ms: held.inferenceMs });
      await this.#leave();
      const outcome = await this.#admit(manifest, bytes);
      const refused = outcome.ok ? null : `${outcome.fault.code}: ${outcome.fault.detail}`;
      const contender = outcome.ok ? outcome.value : undefined;
      this.#beside = { id, contender, refused, failures: 0 };
      if (this.#active !== undefined) this.#active = { ...this.#active, duel: new Duel() };
      if (!outcome.ok) return outcome;
      this.#say(
        'info',
        'model.beside',
        formatMessage('model.beside', 'Model {model} runs beside the one that answers, to be compared with it.', {
          model: id,
        }),
        id,
      );
      return good({ id, ms: outcome.value.inferenceMs });
    });
  }

  /** Stops the shadow model. */
  alone(): Promise<void> {
    return this.#turns.take(() => this.#leave());
  }

  /** Makes the forecast for the present plant time; called every 15 min. */
  issue(): Promise<void> {
    return this.#turns.take(() => this.#issueNow());
  }

  async #admit(manifest: ModelManifest, bytes: Uint8Array): Promise<Outcome<Contender>> {
    const { clock, inference } = this.#options;
    const { id, sha256 } = manifest;
    const loaded = [this.#active?.contender, this.#beside?.contender];
    const isLoaded = loaded.some((one) => one?.manifest.id === id && one.manifest.sha256 === sha256);
    const outcome = await Contender.admit({ manifest, bytes, now: clock.plant.now(), isLoaded }, inference);
    if (!outcome.ok)
      this.#say(
        'medium',
        outcome.fault.code,
        formatMessage('any', 'Model {model} is refused: {detail}', { model: id, detail: outcome.fault.detail }),
        id,
      );
    return outcome;
  }

  async #leave(): Promise<void> {
    const id = this.#beside?.contender?.manifest.id;
    this.#beside = undefined;
    if (id !== undefined && id !== this.#active?.contender.manifest.id) await this.#options.inference.unload(id);
  }

  async #issueNow(): Promise<void> {
    const now = this.#options.clock.plant.now();
    this.#history.present(now);
    const { series, removed } = screened(this.#history.series());
    const count = series.values.length;
    if (count === 0) return;
    const next = Math.round(series.start / STEP_MS) + count;
    const active = this.#active;
    active?.errors.came(next - 1, series.values[count - 1]!);
    active?.duel.came(next - 1, series.values[count - 1]!);
    const known = completeness(series.values, count, Math.min(count, 7 * DAY));
    if (known < 0.1) {
      this.#reason =
        removed > 0
          ? `LS-FORECAST-004: ${formatMessage('LS-FORECAST-004', 'the meter reads one flat value')}`
          : formatMessage('any', 'no usable measurement yet');
      this.#latest = undefined;
      return;
    }
    const baseline = baselineForecast('seasonalNaive', series, { steps: STEPS, levels: GATEWAY_QUANTILES });
    let model: QuantileForecast | undefined;
    let reason: string | null = this.#reason;
    if (active !== undefined) {
      const hours = Math.round((known * Math.min(count, 7 * DAY)) / 4);
      if (count < 7 * DAY || known < 0.8)
        reason = formatMessage('any', '{hours} hours of history, needs {needed}', { hours, needed: NEEDED_HOURS });
      else {
        const at = { zone: this.#options.zone, weather: this.#weatherAlong(series) };
        model = await this.#infer(active, series, at);
        const beside = await this.#inferBeside(series, at);
        if (model !== undefined) this.#judge(active, { next, model, baseline, beside });
        reason = active.aside === null ? null : `${active.aside.code}: ${active.aside.detail}`;
      }
    }
    const chosen = model !== undefined && active?.aside === null ? model : baseline;
    this.#latest = {
      ...chosen,
      ...peakOf(chosen),
      issuedAt: now,
      by: chosen === model ? active!.contender.manifest.id : 'seasonalNaive',
      reason,
    };
  }

  /** A gateway knows the temperature, but neither sun nor wind. */
  #weatherAlong(series: LoadSeries): WeatherSeries | undefined {
    const temperature = this.#temperature.along(series, STEPS);
    if (temperature === undefined) return undefined;
    const unknown = new Float64Array(temperature.length).fill(Number.NaN);
    return { ghi: unknown, wind: unknown, temperature };
  }

  async #infer(active: Active, series: LoadSeries, at: Surroundings): Promise<QuantileForecast | undefined> {
    const { id, expiresAt } = active.contender.manifest;
    if (expiresAt <= this.#options.clock.plant.now()) {
      this.#putAside(active, {
        code: 'LS-MODEL-011',
        detail: formatMessage('LS-MODEL-011', '{model} has expired', { model: id }),
      });
      return undefined;
    }
    const result = await active.contender.forecast(series, at);
    if (result.ok) return result.value;
    this.#putAside(active, result.fault);
    return undefined;
  }

  async #inferBeside(series: LoadSeries, at: Surroundings): Promise<QuantileForecast | undefined> {
    const beside = this.#beside;
    if (beside?.contender === undefined || beside.refused !== null) return undefined;
    const result = await beside.contender.forecast(series, at);
    beside.failures = result.ok ? 0 : beside.failures + 1;
    if (result.ok) return result.value;
    if (beside.failures < MOST_FAILURES) return undefined;
    beside.refused = `${result.fault.code}: ${result.fault.detail}`;
    this.#say(
      'medium',
      result.fault.code,
      formatMessage('any', 'Model {model} cannot run here: {detail}', {
        model: beside.id,
        detail: result.fault.detail,
      }),
      beside.id,
    );
    return undefined;
  }

  #judge(
    active: Active,
    issued: {
      readonly next: number;
      readonly model: QuantileForecast;
      readonly baseline: QuantileForecast;
      readonly beside: QuantileForecast | undefined;
    },
  ): void {
    const median = ({ values, levels }: QuantileForecast): readonly number[] => values[indexOfLevel(levels, 0.5)]!;
    active.errors.issued(issued.next, median(issued.model), median(issued.baseline));
    active.duel.issued(issued.next, saidOf(issued.model), issued.beside && saidOf(issued.beside));
    const { n, model, baseline } = active.errors.score;
    if (n >= LEAST_SCORES && model > WORSE * baseline) {
      const detail = formatMessage(
        'LS-FORECAST-005',
        "its error is {own} kW, the baseline's {baseline} kW over {count} targets",
        { own: model.toFixed(0), baseline: baseline.toFixed(0), count: n },
      );
      this.#putAside(active, { code: 'LS-FORECAST-005', detail });
      return;
    }
    if (active.aside === null) return;
    active.goodRuns++;
    const recovered =
      active.aside.code === 'LS-FORECAST-005' ? n >= LEAST_SCORES && model < baseline : active.goodRuns >= GOOD_RUNS;
    if (!recovered) return;
    active.aside = null;
    this.#say(
      'info',
      'model.back',
      formatMessage('model.back', 'Model {model} answers again.', { model: active.contender.manifest.id }),
      active.contender.manifest.id,
    );
  }

  #putAside(active: Active, fault: Fault): void {
    const first = active.aside?.code !== fault.code;
    active.aside = fault;
    active.goodRuns = 0;
    if (!first) return;
    const text = formatMessage('any', 'Model {model} is put aside, the baseline answers: {detail}', {
      model: active.contender.manifest.id,
      detail: fault.detail,
    });
    this.#say('medium', fault.code, text, active.contender.manifest.id);
  }

  #say(severity: LoadstoneEvent['severity'], code: string, text: string, subject: string): void {
    const time = this.#options.clock.plant.now();
    this.#options.onEvent({ time, kind: 'event', severity, code, text: fitText(text, EVENT_TEXT), subject });
  }
}

const saidOf = ({ levels, values }: QuantileForecast): Said => ({
  levels,
  values: Float32Array.from(
    { length: levels.length * values[0]!.length },
    (_, i) => values[i % levels.length]![Math.floor(i / levels.length)]!,
  ),
});

function peakOf(forecast: QuantileForecast): { peakKw: number; peakAt: number } {
  const median = forecast.values[indexOfLevel(forecast.levels, 0.5)]!;
  const peakKw = Math.max(...median);
  return { peakKw, peakAt: forecast.start + median.indexOf(peakKw) * forecast.stepS * 1000 };
}
