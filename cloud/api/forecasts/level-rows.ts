import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { meanScore, scoreOf, type DayErrors, type ScoreRow } from '../../forecast/serve/scorecard.ts';
import { weatherKindOf, type WeatherKind } from '../../forecast/serve/weather-kind.ts';
import {
  asksFor,
  availabilityOf,
  besideOf,
  bestSkill,
  inFigures,
  isNaive,
  scorecardItems,
  scoredTarget,
  type Excluded,
  type ScorecardAsk,
  type ScorecardDeps,
} from './scorecard-rows.ts';

/** Returns the scorecard rows of some targets, each on its own or by level of the grid (region, substation, feeder, rest). */
export async function scorecardsOf(
  asked: Omit<ScorecardAsk, 'target'>,
  targets: readonly string[],
  deps: ScorecardDeps,
): Promise<object[]> {
  const query = byAvailability(asked, deps.region.timezone);
  if (asksFor(query, 'level')) return levelItems(query, targets, deps);
  const items: object[] = [];
  for (const target of targets) items.push(...(await scorecardItems({ ...query, target }, deps)));
  return items;
}

/** Time of issue by which day-ahead forecasts are compared, as in OpenSTEF. */
const DAY_AHEAD = 'D-1T0600';

/** `groupBy=availableAt` has a single class in the place of those by lead time. */
function byAvailability<Query extends Omit<ScorecardAsk, 'target'>>(query: Query, timezone: string): Query {
  const { groupBy } = query;
  if (groupBy === undefined || !asksFor({ groupBy }, 'availableAt')) return query;
  if (asksFor({ groupBy }, 'leadTime'))
    throw new LoadstoneError('LS-API-007', 'group by leadTime or availableAt, not by both', '/querystring/groupBy');
  return {
    ...query,
    groupBy: groupBy.replace('availableAt', 'leadTime'),
    availableAt: query.availableAt ?? `${DAY_AHEAD}[${timezone}]`,
  };
}

/** Scores of one level, forecaster and lead class. */
interface Account {
  readonly level: string;
  readonly model: string | null;
  readonly lead: string | null;
  readonly rows: ScoreRow[];
  readonly weather: Set<WeatherKind>;
  readonly excluded: Excluded[];
  /** Errors over all targets of the level, by naive forecast and day. */
  readonly beside: Map<string, Map<number, DayErrors>>;
}

async function levelItems(query: Omit<ScorecardAsk, 'target'>, targets: readonly string[], deps: ScorecardDeps) {
  const accounts = new Map<string, Account>();
  for (const target of targets) {
    const scored = await scoredTarget({ ...query, target }, deps);
    const level = target.slice(0, target.indexOf(':'));
    for (const group of [...scored.groups, ...(asksFor(query, 'model') ? scored.naive : [])]) {
      const account = accountOf(accounts, { level, model: group.model, lead: group.lead });
      account.rows.push(scoreOf([...group.pairs.values()], scored.scale));
      account.excluded.push(scored.excluded);
      for (const kind of group.weather) account.weather.add(kind);
      if (!isNaive(group)) addErrors(account.beside, besideOf(group, scored));
    }
  }
  return [...accounts.values()].map(({ level, model, lead, rows, weather, excluded, beside }) => {
    const added = (of: keyof Excluded): number => excluded.reduce((sum, each) => sum + each[of], 0);
    return {
      target: `${level}:*`,
      level,
      model,
      leadTime: lead,
      targets: rows.length,
      ...inFigures(meanScore(rows)),
      skill: isNaive({ model }) ? null : bestSkill(beside),
      weather: weatherKindOf(weather),
      excluded: { badQuality: added('badQuality'), outage: added('outage'), missing: added('missing') },
      ...availabilityOf(query),
    };
  });
}

function accountOf(accounts: Map<string, Account>, of: Pick<Account, 'level' | 'model' | 'lead'>): Account {
  const key = `${of.level} ${of.model} ${of.lead}`;
  const known = accounts.get(key);
  if (known !== undefined) return known;
  const account: Account = { ...of, rows: [], weather: new Set(), excluded: [], beside: new Map() };
  accounts.set(key, account);
  return account;
}

/** Adds errors, which are already relative to each target's mean |load|, so that every target counts the same. */
function addErrors(to: Account['beside'], more: ReturnType<typeof besideOf>): void {
  for (const [naive, days] of more) {
    const sums = to.get(naive) ?? new Map<number, DayErrors>();
    to.set(naive, sums);
    for (const [day, { own, other }] of days) {
      const sum = sums.get(day) ?? { own: 0, other: 0 };
      sums.set(day, { own: sum.own + own, other: sum.other + other });
    }
  }
}
