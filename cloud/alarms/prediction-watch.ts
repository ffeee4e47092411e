import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import { eventSays, minuteUtc, type EventPhrase } from '../../shared/sentences/event-forms.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { RuleBook } from './alarm-rules.ts';
import { type Ahead, firstViolation, type Violation } from './core/predicted.ts';

type Code = 'LS-PREDICT-001' | 'LS-PREDICT-002';

export interface PredictionWatchOptions {
  readonly region: Region;
  readonly plant: TimeBase;
  readonly rules: RuleBook;
  forecast(target: string): Forecast | undefined;
  /** The newest plan of a substation. */
  plan(substation: string): PlanBody | undefined;
  report(gateway: string, event: LoadstoneEvent): void;
}

const MEDIAN = 0.5;
const NEAR_MS = 3_600_000;
const NEAR_SHARE = 0.05;

/**
 * Compares expected power with limits, hours ahead: the plan in force at transformer and feeder heads, and the load forecast beyond the
 * plan. A plan that keeps a limit clears the forecast's alarm.
 */
export class PredictionWatch {
  readonly #options: PredictionWatchOptions;
  readonly #standing = new Map<string, Violation>();

  constructor(options: PredictionWatchOptions) {
    this.#options = options;
  }

  /** Checks a substation again after a new forecast or plan. */
  look(substationId: string): void {
    const substation = this.#options.region.substations.find(({ id }) => id === substationId);
    if (substation === undefined) return;
    const now = this.#options.plant.now();
    const plan = this.#options.plan(substation.id);
    // A plan without targets keeps no limit: it only contains what devices fall back to.
    const keeps = plan !== undefined && plan.status !== 'envelopes-only';
    const covered = keeps ? Math.max(now, endOf(plan)) : now;
    const elements = ['transformer', ...substation.network.feeders.map(({ id }) => id)];
    for (const element of elements) {
      const limits = limitsOf(substation, element);
      const expected = plan?.expected.find((each) => each.element === element);
      const ahead =
        plan === undefined || expected === undefined ? undefined : ofPlan(plan, expected.activePowerKw, limits);
      this.#tell('LS-PREDICT-002', { substation, element, ahead, from: now });
    }
    const forecast = this.#options.forecast(`substation:${substation.id}`);
    const ahead = forecast === undefined ? undefined : ofForecast(forecast, substation.limits);
    this.#tell('LS-PREDICT-001', { substation, element: 'transformer', ahead, from: covered });
  }

  #tell(
    code: Code,
    at: { substation: RegionSubstation; element: string; ahead: Ahead | undefined; from: number },
  ): void {
    const { substation, element, ahead, from } = at;
    const rule = this.#options.rules.of(code);
    if (rule === undefined) return;
    const key = `${code} ${substation.id} ${element}`;
    const before = this.#standing.get(key);
    const was = before !== undefined;
    const { deadBandPct } = rule;
    const violation = ahead === undefined ? undefined : firstViolation(ahead, { now: from, was, deadBandPct });
    if (violation === undefined && !was) return;
    if (violation === undefined) this.#standing.delete(key);
    else if (before !== undefined && isNear(before, violation)) return;
    else this.#standing.set(key, violation);
    const feeder = element === 'transformer' ? undefined : element;
    this.#options.report(substation.gateway, {
      time: this.#options.plant.now(),
      kind: 'alarm',
      severity: violation === undefined ? 'info' : 'medium',
      ...(violation === undefined
        ? within(code, substation.name, feeder)
        : (violation.isBeyond ? beyond : barelyWithin)(code, substation.name, { violation, feeder })),
      subject: element === 'transformer' ? substation.id : element,
      active: violation !== undefined,
    });
  }
}

/** So close to the reported violation that another log line is not worth it. */
const isNear = (before: Violation, now: Violation): boolean =>
  before.isBeyond === now.isBeyond &&
  Math.abs(before.worstAt - now.worstAt) <= NEAR_MS &&
  Math.abs(before.worstKw - now.worstKw) <= NEAR_SHARE * Math.abs(now.limitKw);

type Said = Pick<LoadstoneEvent, 'code' | 'text' | 'parameters'>;

/** `feeder` undefined: the transformer. */
function within(code: Code, place: string, feeder: string | undefined): Said {
  return feeder === undefined
    ? eventSays(code, '{place}: the transformer is expected to stay within its limit', { place })
    : eventSays('LS-PREDICT-002', '{place}: feeder {feeder} is expected to stay within its limit', { place, feeder });
}

interface Found {
  readonly violation: Violation;
  readonly feeder: string | undefined;
}

function beyond(code: Code, place: string, { violation, feeder }: Found): Said {
  const { from, to, worstKw, limitKw } = violation;
  const values = {
    ...worstOf(place, violation),
    over: roundKw(worstKw - limitKw),
    from: minuteUtc(from),
    to: minuteUtc(to),
  };
  if (code === 'LS-PREDICT-001')
    return eventSays(
      code,
      '{place}: the transformer is expected by the forecast at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}',
      values,
    );
  return feeder === undefined
    ? eventSays(
        code,
        '{place}: the transformer is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}',
        values,
      )
    : eventSays(
        code,
        '{place}: feeder {feeder} is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}',
        { ...values, feeder },
      );
}

/** What was beyond and came back, but not by the dead band. */
function barelyWithin(code: Code, place: string, { violation, feeder }: Found): Said {
  const values = worstOf(place, violation);
  if (code === 'LS-PREDICT-001')
    return eventSays(
      code,
      '{place}: the transformer is expected by the forecast barely within its limit of {limit} kW: {power} kW {direction} at {time}',
      values,
    );
  return feeder === undefined
    ? eventSays(
        code,
        '{place}: the transformer is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}',
        values,
      )
    : eventSays(
        code,
        '{place}: feeder {feeder} is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}',
        { ...values, feeder },
      );
}

const roundKw = (value: number): number => Math.round(Math.abs(value));

const worstOf = (place: string, { worstKw, limitKw, worstAt }: Violation) => ({
  place,
  power: roundKw(worstKw),
  direction: (worstKw < 0 ? 'feed-in' : 'import') satisfies EventPhrase,
  time: minuteUtc(worstAt),
  limit: roundKw(limitKw),
});

function limitsOf(substation: RegionSubstation, element: string): Ahead['limits'] {
  const head = substation.heads?.find((each) => each.feeder === element);
  if (head !== undefined) return head;
  const feeder = substation.network.feeders.find(({ id }) => id === element);
  const rating = substation.network.lines.find(({ id }) => id === feeder?.headBranch)?.ratedKva;
  return rating === undefined ? substation.limits : { importKw: rating, exportKw: rating };
}

function startsOf({ horizon }: PlanBody): number[] {
  let start = horizon.start;
  return horizon.stepsS.map((seconds) => {
    const own = start;
    start += seconds * 1000;
    return own;
  });
}

const endOf = ({ horizon }: PlanBody): number =>
  horizon.start + horizon.stepsS.reduce((sum, seconds) => sum + seconds * 1000, 0);

const ofPlan = (plan: PlanBody, kw: readonly number[], limits: Ahead['limits']): Ahead => ({
  starts: startsOf(plan),
  end: endOf(plan),
  kw,
  limits,
});

function ofForecast({ quantiles, values, start, resolutionS }: Forecast, limits: Ahead['limits']): Ahead | undefined {
  const kw = values[quantiles.indexOf(MEDIAN)];
  if (kw === undefined) return undefined;
  const stepMs = resolutionS * 1000;
  return { starts: kw.map((_, step) => start + step * stepMs), end: start + kw.length * stepMs, kw, limits };
}
