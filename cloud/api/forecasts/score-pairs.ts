import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { Forecast, ForecastKind } from '../../../shared/contracts/forecast.ts';
import { BASELINES, naiveAt, type BaselineName, type Pair } from '../../forecast/scorecard.ts';
import { chooseVintages, valuesAt } from '../../forecast/vintages.ts';
import { localDay } from '../../tables/local-time.ts';
import type { ApiDeps } from '../deps.ts';

export const STEP_MS = 900_000;
/** What a naive forecaster looks back on. */
export const LOOK_BACK_MS = 16 * 86_400_000;
const REACH_MS = 8 * 86_400_000;
const READ_AT_ONCE = 8;

/** A class of lead times, (above, to], in ms: each step is scored once in it, by the newest forecast that lies in it. */
export interface LeadClass {
  readonly name: string;
  readonly aboveMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
export const LEAD_CLASSES: readonly LeadClass[] = [1, 6, 12, 24, 48].map((hours, index, all) => ({
  name: `PT${hours}H`,
  aboveMs: index === 0 ? -1 : all[index - 1]! * HOUR_MS,
  toMs: hours * HOUR_MS,
}));

export interface ScoreSpan {
  readonly target: string;
  readonly start: number;
  readonly end: number;
  /** Load from `start` less the look-back, kW on the 15-min grid; NaN where unknown. */
  readonly load: Float64Array;
  readonly zone: LocalCalendar;
}

/** Pairs of one model and lead class, by start. */
export interface ScoredGroup {
  readonly model: string;
  readonly lead: string;
  readonly pairs: Map<number, Pair>;
  readonly weather: string | null;
}

/** What was forecast and what came, by model and lead class. */
export async function forecastPairs(
  deps: Pick<ApiDeps, 'vintages'>,
  span: ScoreSpan,
  lead: LeadClass,
): Promise<ScoredGroup[]> {
  const groups = new Map<string, ScoredGroup>();
  const kinds: readonly ForecastKind[] = ['issued', 'external'];
  for (const kind of kinds) {
    const heads = deps.vintages.heads({
      target: span.target,
      kind,
      from: Math.max(0, span.start - REACH_MS),
      to: span.end,
    });
    const rule = {
      start: span.start,
      end: span.end,
      resolutionS: STEP_MS / 1000,
      lastIssue: (step: number) => step - lead.aboveMs - 1,
      all: false,
    };
    const read = new Map<string, Forecast>();
    for (const { start, head } of chooseVintages(heads, rule)) {
      if (start - head.issuedAt > lead.toMs) continue;
      const actual = loadAt(span, start);
      if (Number.isNaN(actual)) continue;
      let forecast = read.get(head.id);
      if (forecast === undefined) {
        if (read.size % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
        read.set(head.id, (forecast = deps.vintages.get(head.id)!));
      }
      if (forecast.quantiles.length !== QUANTILES.length) continue;
      const group = groups.get(forecast.model.id) ?? newGroup(forecast, lead);
      groups.set(forecast.model.id, group);
      group.pairs.set(start, {
        start,
        day: localDay(span.zone, start),
        actual,
        values: valuesAt(forecast, start, STEP_MS / 1000),
        isFallback: head.isFallback,
      });
    }
  }
  return [...groups.values()];
}

/** The naive forecasts of the same lead class, which know what was measured `toMs` before each step. */
export function naivePairs(span: ScoreSpan, lead: LeadClass): Map<BaselineName, ScoredGroup> {
  const leadSteps = Math.round(lead.toMs / STEP_MS);
  return new Map(
    BASELINES.map((name) => {
      const pairs = new Map<number, Pair>();
      for (let start = span.start; start < span.end; start += STEP_MS) {
        const index = indexOf(span, start);
        const said = naiveAt(name, span.load, index, leadSteps);
        const actual = span.load[index]!;
        if (Number.isNaN(said) || Number.isNaN(actual)) continue;
        pairs.set(start, {
          start,
          day: localDay(span.zone, start),
          actual,
          values: QUANTILES.map(() => said),
          isFallback: false,
        });
      }
      return [name, { model: `baseline:${name}`, lead: lead.name, pairs, weather: null }];
    }),
  );
}

const newGroup = (forecast: Forecast, lead: LeadClass): ScoredGroup => ({
  model: forecast.model.id,
  lead: lead.name,
  pairs: new Map(),
  weather: forecast.weather === null ? 'none' : forecast.weather.hindcast ? 'hindcast' : 'vintage',
});

const indexOf = (span: ScoreSpan, start: number): number => Math.round((start - span.start + LOOK_BACK_MS) / STEP_MS);
const loadAt = (span: ScoreSpan, start: number): number => span.load[indexOf(span, start)]!;
