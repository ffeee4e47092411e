import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { fromNullable, screened } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import {
  errorsByDay,
  scaleOf,
  scoreOf,
  skillOf,
  type DayErrors,
  type Pair,
  type Scale,
  type ScoreRow,
} from '../../forecast/serve/scorecard.ts';
import { spreadSpan, spreadsOf } from '../../forecast/serve/load-spread.ts';
import { weatherKindOf } from '../../forecast/serve/weather-kind.ts';
import { excludedOf } from '../../planner/inputs/annotated-load.ts';
import { zoneOf } from '../../tables/local-time.ts';
import { type Cell, tableOf, type Table } from '../../tables/table.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import type { Measured } from '../../planner/inputs/measured.ts';
import { availableAt } from './available-at.ts';
import { limitsOf } from './limits.ts';
import {
  forecastPairs,
  LEAD_CLASSES,
  LOOK_BACK_MS,
  naivePairs,
  STEP_MS,
  type LeadRule,
  type ScoredGroup,
  type ScoreSpan,
} from './score-pairs.ts';

/** What to score, as in the query of GET /v1/scorecards. */
export interface ScorecardAsk {
  readonly target: string;
  readonly start: string;
  readonly end: string;
  readonly groupBy?: string;
  readonly leadTime?: string;
  readonly availableAt?: string;
}

export interface ScorecardDeps extends Pick<ApiDeps, 'annotations' | 'clock' | 'region' | 'vintages'> {
  readonly measured: Pick<Measured, 'uncontrolled'>;
}

const DAY_MS = 86_400_000;
const MAX_SPAN_MS = 92 * DAY_MS;

/** A target's forecasts with the actual load, and the naive forecasts for comparison. */
export interface ScoredTarget {
  readonly span: ScoreSpan;
  readonly excluded: Excluded;
  readonly scale: Scale;
  /** Ours, and by model also those of external systems. */
  readonly groups: readonly ScoredGroup[];
  readonly naive: readonly ScoredGroup[];
}

/** Returns the scorecard rows of one target: ours, external and naive. */
export async function scorecardItems(query: ScorecardAsk, deps: ScorecardDeps) {
  const scored = await scoredTarget(query, deps);
  const { groups, naive, excluded } = scored;
  return [...groups, ...(asksFor(query, 'model') ? naive : [])].map((group) => ({
    target: scored.span.target,
    model: group.model,
    leadTime: group.lead,
    ...inFigures(scoreOf([...group.pairs.values()], scored.scale)),
    skill: isNaive(group) ? null : bestSkill(besideOf(group, scored)),
    weather: weatherKindOf(group.weather),
    excluded,
    ...availabilityOf(query),
  }));
}

export const asksFor = ({ groupBy = 'leadTime,model' }: Pick<ScorecardAsk, 'groupBy'>, what: string): boolean =>
  groupBy.split(',').includes(what);

export const availabilityOf = ({ availableAt: text }: Pick<ScorecardAsk, 'availableAt'>) =>
  text === undefined ? {} : { leadTime: null, availableAt: text };

export const isNaive = ({ model }: Pick<ScoredGroup, 'model'>): boolean => model?.startsWith('baseline:') === true;

export async function scoredTarget(query: ScorecardAsk, deps: ScorecardDeps): Promise<ScoredTarget> {
  const rules = rulesOf(query);
  const leadTime = asksFor(query, 'leadTime');
  const { span, excluded, scale } = await spanOf(query, deps);
  const scored: ScoredGroup[] = [];
  const naive: ScoredGroup[] = [];
  for (const rule of rules) {
    const groups = await forecastPairs(deps, span, rule);
    scored.push(...groups);
    if (groups.length > 0) naive.push(...naivePairs(span, rule).values());
    await new Promise(setImmediate);
  }
  const isOther = ({ model }: ScoredGroup): boolean => model?.startsWith('external:') === true;
  const byModel = asksFor(query, 'model');
  // On a level, our models count as one forecaster, because each target has its own.
  const isApart = asksFor(query, 'level') ? isOther : () => true;
  return {
    span,
    excluded,
    scale,
    // External errors are not ours, so they are left out unless the rows tell models apart.
    groups: byModel
      ? pooled(scored, { leadTime, isApart })
      : pooled(
          scored.filter((group) => !isOther(group)),
          { leadTime, isApart: () => false },
        ),
    naive: pooled(naive, { leadTime, isApart: () => true }),
  };
}

function rulesOf({ availableAt: text, leadTime }: ScorecardAsk): readonly LeadRule[] {
  if (text === undefined) return LEAD_CLASSES.filter(({ name }) => leadTime === undefined || leadTime === name);
  if (leadTime !== undefined)
    throw new LoadstoneError('LS-API-007', 'use leadTime or availableAt, not both', '/querystring/availableAt');
  const lastIssue = availableAt(text, '/querystring/availableAt');
  // The last interval that had ended by then.
  const knownMs = (step: number): number => step - Math.floor(lastIssue(step) / STEP_MS) * STEP_MS + STEP_MS;
  return [{ name: text, lastIssue, firstIssue: () => 0, knownMs }];
}

/** Steps that are not scored, by reason. */
export interface Excluded {
  readonly badQuality: number;
  readonly outage: number;
  readonly missing: number;
}

/** Returns the load of the span as it is scored: without outages, switching, flat lines and outliers. */
async function spanOf(
  query: ScorecardAsk,
  deps: ScorecardDeps,
): Promise<Pick<ScoredTarget, 'span' | 'excluded' | 'scale'>> {
  const start = Math.ceil(parseTime(query.start, '/querystring/start') / STEP_MS) * STEP_MS;
  const now = Math.floor(deps.clock.plant.now() / STEP_MS) * STEP_MS;
  const end = Math.min(now, Math.floor(parseTime(query.end, '/querystring/end') / STEP_MS) * STEP_MS);
  if (start < LOOK_BACK_MS || end <= start)
    throw new LoadstoneError('LS-API-007', 'end must be after start, and start in the past', '/querystring/end');
  if (end - start > MAX_SPAN_MS)
    throw new LoadstoneError('LS-API-006', 'a scorecard spans at most 92 days', '/querystring/end');
  const { target } = query;
  const wide = spreadSpan({ start, end });
  const range = {
    start: Math.min(start - LOOK_BACK_MS, wide.start),
    end: Math.min(now, wide.end),
    resolutionS: STEP_MS / 1000,
  };
  const measured = fromNullable((await deps.measured.uncontrolled.intervals({ target, ...range })).values);
  const outage = await excludedOf(target, range, deps);
  const known = measured.map((value, step) => (outage[step] === 1 ? Number.NaN : value));
  const load = screened({ start: range.start, stepS: range.resolutionS, values: known }).series.values;
  const [first, last] = [start, end].map((time) => (time - range.start) / STEP_MS) as [number, number];
  const excluded = { badQuality: 0, outage: 0, missing: 0 };
  for (let step = first; step < last; step++) {
    if (!Number.isNaN(load[step]!)) continue;
    excluded[outage[step] === 1 ? 'outage' : Number.isNaN(measured[step]!) ? 'missing' : 'badQuality']++;
  }
  const lookBack = LOOK_BACK_MS / STEP_MS;
  const spreadAt = spreadsOf({ start: range.start, stepMs: STEP_MS, values: load });
  for (let time = start; time < end; time += DAY_MS) {
    spreadAt(time);
    await new Promise(setImmediate);
  }
  return {
    span: { target, start, end, load: load.subarray(first - lookBack, last), zone: zoneOf(deps.region.timezone)! },
    excluded,
    scale: {
      levels: QUANTILES,
      ...scaleOf(load.subarray(first, last)),
      spreadAt,
      importLimitKw: limitsOf(deps.region, target)?.importKw,
    },
  };
}

/**
 * Pools groups over the dimensions that are not asked for, including models that do not stand apart. Each step keeps one pair per lead
 * time.
 */
function pooled(
  groups: readonly ScoredGroup[],
  { leadTime, isApart }: { readonly leadTime: boolean; readonly isApart: (group: ScoredGroup) => boolean },
): ScoredGroup[] {
  const leads = [...new Set(groups.map(({ lead }) => lead))];
  const modelOf = (group: ScoredGroup): string | null => (isApart(group) ? group.model : null);
  const keyOf = (group: ScoredGroup): string => `${modelOf(group)} ${leadTime ? group.lead : ''}`;
  return [...Map.groupBy(groups, keyOf).values()]
    .map((parts) => {
      const [first] = parts as [ScoredGroup];
      const pairs = new Map<number, Pair>();
      const weather: ScoredGroup['weather'] = new Set();
      for (const part of parts) {
        for (const [start, pair] of part.pairs) pairs.set(start + (leadTime ? 0 : leads.indexOf(part.lead)), pair);
        for (const kind of part.weather) weather.add(kind);
      }
      return { model: modelOf(first), lead: leadTime ? first.lead : null, pairs, weather };
    })
    .filter(({ pairs }) => pairs.size > 0);
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** Rounds the figures for readers. */
export const inFigures = (row: ScoreRow): ScoreRow =>
  JSON.parse(
    JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' ? rounded(value) : value)),
  ) as ScoreRow;

/**
 * Returns the daily errors of a group and of each naive forecast of its lead class, on the steps that both have, relative to the mean
 * |load|.
 */
export const besideOf = (
  group: ScoredGroup,
  { naive, scale }: Pick<ScoredTarget, 'naive' | 'scale'>,
): ReadonlyMap<string, ReadonlyMap<number, DayErrors>> =>
  new Map(
    naive
      .filter(({ lead }) => lead === group.lead)
      .map(({ model, pairs }) => [
        model!.slice('baseline:'.length),
        errorsByDay(group.pairs, pairs, { levels: QUANTILES, unit: scale.meanAbsolute }),
      ]),
  );

/** Returns the skill against the naive forecast that is best on the same steps. */
export function bestSkill(beside: ReturnType<typeof besideOf>) {
  const skills = [...beside].flatMap(([naive, errors]) => {
    const skill = skillOf(errors);
    return skill === null ? [] : [{ bestNaive: rounded(skill.skill), ci95: skill.ci95.map(rounded), naive }];
  });
  return skills.toSorted((a, b) => a.bestNaive - b.bestNaive)[0] ?? null;
}

const TEXTS = ['target', 'level', 'model', 'leadTime', 'skill.naive'];
/** Columns of what is null as a whole in some rows, so that every file has the same ones. */
const PARTS: Readonly<Record<string, object>> = {
  skill: { bestNaive: null, ci95: [null, null], naive: null },
  'peak.limit': { hits: null, misses: null, falseAlarms: null },
};
/** Columns of an empty table, so that readers still find them. */
const FIRST_COLUMNS = [
  'target',
  'model',
  'leadTime',
  'n',
  'fallbackShare',
  'maeKw',
  'biasKw',
  'rmseKw',
  'nMae',
  'rMae',
  'pinball',
  'rCrps',
  'rCrpsPeakWeighted',
];

/** Flattens rows; a nested value is named by its path, as in coverage.P10. */
export function scorecardTable(items: readonly object[]): Table {
  const rows = items.map((item) => flat(item));
  const names = rows.length === 0 ? FIRST_COLUMNS : [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isText = (name: string): boolean => TEXTS.includes(name) || rows.some((row) => typeof row[name] === 'string');
  return tableOf(
    names.map((name) => [name, isText(name) ? 'text' : 'number'] as const),
    rows,
  );
}

const flat = (value: object, path = ''): Record<string, Cell> =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, given]: [string, unknown]) => {
      const each = given ?? PARTS[`${path}${name}`] ?? null;
      if (Array.isArray(each)) return each.map((one, at) => [`${path}${name}.${at}`, one as Cell]);
      if (typeof each === 'object' && each !== null) return Object.entries(flat(each, `${path}${name}.`));
      return [[`${path}${name}`, each as Cell]];
    }),
  ) as Record<string, Cell>;
