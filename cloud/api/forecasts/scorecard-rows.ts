import { indexOfLevel, QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { fromNullable, screened } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { scaleOf, scoreOf, skillOver, type Pair } from '../../forecast/serve/scorecard.ts';
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

/** What is scored, as in the query of GET /v1/scorecards. */
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

const MAX_SPAN_MS = 92 * 86_400_000;

/** Rows of a scorecard: ours, others' and the naive ones'. */
export async function scorecardItems(query: ScorecardAsk, deps: ScorecardDeps) {
  const rules = rulesOf(query);
  const by = (query.groupBy ?? 'leadTime,model').split(',');
  const { span, excluded } = await spanOf(query, deps);
  const scored: ScoredGroup[] = [];
  const naive: ScoredGroup[] = [];
  for (const rule of rules) {
    const groups = await forecastPairs(deps, span, rule);
    scored.push(...groups);
    if (groups.length > 0) naive.push(...naivePairs(span, rule).values());
    await new Promise(setImmediate);
  }
  const beside = pooled(naive, { model: true, leadTime: by.includes('leadTime') });
  const groups = [
    ...pooled(scored, { model: by.includes('model'), leadTime: by.includes('leadTime') }),
    ...(by.includes('model') ? beside : []),
  ];
  const items = groups
    .filter(({ pairs }) => pairs.size > 0)
    .map((group) => ({
      ...rowOf(group, beside, { span, deps }),
      excluded,
      ...(query.availableAt === undefined ? {} : { leadTime: null, availableAt: query.availableAt }),
    }));
  return items;
}

function rulesOf({ availableAt: text, leadTime }: ScorecardAsk): readonly LeadRule[] {
  if (text === undefined) return LEAD_CLASSES.filter(({ name }) => leadTime === undefined || leadTime === name);
  if (leadTime !== undefined)
    throw new LoadstoneError(
      'LS-API-007',
      'ask for leadTime or for availableAt, not for both',
      '/querystring/availableAt',
    );
  const lastIssue = availableAt(text, '/querystring/availableAt');
  return [{ name: text, lastIssue, firstIssue: () => 0, knownMs: (step) => step - lastIssue(step) }];
}

interface Span {
  readonly span: ScoreSpan;
  /** Steps that are not scored, and why. */
  readonly excluded: { readonly badQuality: number; readonly outage: number; readonly missing: number };
}

/** The load of the span as it is scored: without outages and switchings, flat lines and wild values. */
async function spanOf(query: ScorecardAsk, deps: ScorecardDeps): Promise<Span> {
  const start = Math.ceil(parseTime(query.start, '/querystring/start') / STEP_MS) * STEP_MS;
  const now = Math.floor(deps.clock.plant.now() / STEP_MS) * STEP_MS;
  const end = Math.min(now, Math.floor(parseTime(query.end, '/querystring/end') / STEP_MS) * STEP_MS);
  if (start < LOOK_BACK_MS || end <= start)
    throw new LoadstoneError('LS-API-007', 'end must lie after start, and start in the past', '/querystring/end');
  if (end - start > MAX_SPAN_MS)
    throw new LoadstoneError('LS-API-006', 'a scorecard spans 92 days at the most', '/querystring/end');
  const { target } = query;
  const range = { start: start - LOOK_BACK_MS, end, resolutionS: STEP_MS / 1000 };
  const measured = fromNullable((await deps.measured.uncontrolled.intervals({ target, ...range })).values);
  const outage = await excludedOf(target, range, deps);
  const known = measured.map((value, step) => (outage[step] === 1 ? Number.NaN : value));
  const load = screened({ start: range.start, stepS: range.resolutionS, values: known }).series.values;
  const first = LOOK_BACK_MS / STEP_MS;
  const excluded = { badQuality: 0, outage: 0, missing: 0 };
  for (let step = first; step < load.length; step++) {
    if (!Number.isNaN(load[step]!)) continue;
    excluded[outage[step] === 1 ? 'outage' : Number.isNaN(measured[step]!) ? 'missing' : 'badQuality']++;
  }
  return { span: { target, start, end, load, zone: zoneOf(deps.region.timezone)! }, excluded };
}

/** Groups joined over what is not asked for; a step keeps one pair of each lead time. */
function pooled(
  groups: readonly ScoredGroup[],
  by: { readonly model: boolean; readonly leadTime: boolean },
): ScoredGroup[] {
  const leads = [...new Set(groups.map(({ lead }) => lead))];
  const keyOf = ({ model, lead }: ScoredGroup): string => `${by.model ? model : ''} ${by.leadTime ? lead : ''}`;
  return [...Map.groupBy(groups, keyOf).values()].map((parts) => {
    const [first] = parts as [ScoredGroup];
    const pairs = new Map<number, Pair>();
    for (const part of parts)
      for (const [start, pair] of part.pairs) pairs.set(start + (by.leadTime ? 0 : leads.indexOf(part.lead)), pair);
    return { ...first, model: by.model ? first.model : null, lead: by.leadTime ? first.lead : null, pairs };
  });
}

const median = (pair: Pair): number => pair.values[indexOfLevel(QUANTILES, 0.5)]!;
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

function rowOf(
  group: ScoredGroup,
  naive: readonly ScoredGroup[],
  { span, deps }: { readonly span: ScoreSpan; readonly deps: ScorecardDeps },
) {
  const scale = {
    levels: QUANTILES,
    ...scaleOf(span.load.subarray(LOOK_BACK_MS / STEP_MS)),
    importLimitKw: limitsOf(deps.region, span.target)?.importKw,
  };
  const row = scoreOf([...group.pairs.values()], scale);
  return {
    target: span.target,
    model: group.model,
    leadTime: group.lead,
    ...(JSON.parse(
      JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' ? rounded(value) : value)),
    ) as typeof row),
    skill: group.model?.startsWith('baseline:') === true ? null : bestSkill(group, naive),
    weather: group.weather,
  };
}

/** Against the baseline that is best on the very steps that the group has. */
function bestSkill(group: ScoredGroup, naive: readonly ScoredGroup[]) {
  const skills = naive
    .filter(({ lead }) => lead === group.lead)
    .flatMap(({ model, pairs }) => {
      const skill = skillOver(group.pairs, pairs, median);
      const name = model!.slice('baseline:'.length);
      return skill === null ? [] : [{ bestNaive: rounded(skill.skill), ci95: skill.ci95.map(rounded), naive: name }];
    });
  return skills.toSorted((a, b) => a.bestNaive - b.bestNaive)[0] ?? null;
}

const TEXTS = ['target', 'model', 'leadTime'];
/** What stands where there is nothing to score: a reader finds its columns. */
const FIRST_COLUMNS = [
  ...TEXTS,
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

/** A row flat: what lies deeper is named by its path, as in coverage.P10. */
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
    Object.entries(value).flatMap(([name, each]: [string, unknown]) => {
      if (Array.isArray(each)) return each.map((one, at) => [`${path}${name}.${at}`, one as Cell]);
      if (typeof each === 'object' && each !== null) return Object.entries(flat(each, `${path}${name}.`));
      return [[`${path}${name}`, (each ?? null) as Cell]];
    }),
  ) as Record<string, Cell>;
