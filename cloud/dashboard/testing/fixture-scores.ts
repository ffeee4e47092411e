import type {
  ForecastAnswer,
  ScenarioAnswer,
  ScenarioView,
  ScoreRow,
  VintageRow,
} from '../../../shared/contracts/planner.ts';
import { HOUR_MS, QUARTER_MS } from './fixture-grid.ts';
import { forecast } from './fixture-answers.ts';

const iso = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');
const VINTAGES = 24;

/** One vintage per hour; its id names target and issue time, so that it can be generated again. */
export function vintages(target: string, now: number): VintageRow[] {
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: VINTAGES }, (_, index) => {
    const issuedAt = last - (VINTAGES - 1 - index) * HOUR_MS;
    return {
      target,
      start: iso(last),
      issuedAt: iso(issuedAt),
      forecastId: `${target.replace(':', '_')}_${issuedAt}`,
      leadTimeS: (last - issuedAt) / 1000,
      isFallback: index === 3,
      weather: 'vintage',
    };
  });
}

export function vintage(id: string, now: number): ForecastAnswer | ScenarioAnswer | null {
  if (id === 'scf_fixture') return scenario(now);
  const week = /^[a-z]+_([a-z]+)_([a-z0-9-]+)_([0-9]+)-week$/.exec(id);
  if (week !== null) return weekAhead(`${week[1]}:${week[2]}`, Number(week[3]) * QUARTER_MS + 2 * HOUR_MS);
  const match = /^([a-z]+)_([a-z0-9-]+)_([0-9]+)$/.exec(id);
  return match === null ? null : forecast(`${match[1]}:${match[2]}`, Number(match[3]) + 2 * HOUR_MS);
}

/** Seven days, of which the model covers two. */
export function weekAhead(target: string, now: number): ForecastAnswer | null {
  const near = forecast(target, now);
  if (near === null) return null;
  const days = 7;
  const values = Object.fromEntries(
    Object.entries(near.values).map(([name, two]) => [
      name,
      Array.from({ length: days * 96 }, (_, step) => two[step < two.length ? step : two.length - 96 + (step % 96)]!),
    ]),
  );
  const from = iso(Date.parse(near.start) + 2 * 24 * HOUR_MS);
  const warnings = [`from ${from} on, beyond the horizon of the model, week-ahead answers without weather`];
  return {
    ...near,
    id: `${near.id}-week`,
    values,
    extension: { from, model: { ...near.model, id: 'week-ahead' }, fallback: null },
    warnings,
  };
}

/** Result of the only scenario, on the newest forecast. */
function scenario(now: number): ScenarioAnswer {
  const base = forecast('substation:owd', now)!;
  const median = base.values['quantile_P50']!;
  const evening = (step: number): number => {
    const hour = ((Date.parse(base.start) + step * QUARTER_MS) / HOUR_MS) % 24;
    return hour > 16 && hour < 22 ? 900 * Math.sin(((hour - 16) / 6) * Math.PI) : 0;
  };
  const changed = median.map((value, step) => (value === null ? null : Math.round(value + evening(step))));
  const summary = (values: readonly (number | null)[]) => {
    const known = values.map((value) => value ?? 0);
    const peakKw = Math.max(...known);
    return {
      peakKw,
      peakAt: iso(Date.parse(base.start) + known.indexOf(peakKw) * QUARTER_MS),
      energyMwh: known.reduce((sum, value) => sum + value, 0) / 4000,
      hoursAboveLimit: known.filter((value) => value > base.limits!.importKw).length / 4,
      energyAboveLimitMwh: 0,
      hoursAboveExportLimit: 0,
      energyAboveExportLimitMwh: 0,
      simultaneity: 0.94,
      durationCurve: [],
    };
  };
  return {
    id: 'scf_fixture',
    kind: 'scenario',
    scenarioId: 'scn_fixture',
    target: 'substation:owd',
    load: 'uncontrolled',
    start: base.start,
    resolution: base.resolution,
    unit: 'kW',
    signConvention: 'consumption-positive',
    base: { values: { quantile_P50: median } },
    scenario: { values: { quantile_P50: changed } },
    summary: { base: summary(median), scenario: summary(changed) },
    limits: base.limits,
    warnings: [],
  };
}

export const SCENARIOS: readonly ScenarioView[] = [
  {
    id: 'scn_fixture',
    name: 'north 2030: 400 charging points',
    base: { kind: 'forecast' },
    createdAt: '2021-09-24T08:00:00Z',
  },
];

export function scorecard(target: string): ScoreRow[] {
  if (target === 'substation:nryn') return [];
  const excluded = { badQuality: 31, outage: 8, missing: 4 };
  const row = (model: string, leadTime: string, nMae: number, skill = 1 - nMae / 0.16): ScoreRow => ({
    target,
    model,
    leadTime,
    n: 672,
    excluded,
    fallbackShare: model.startsWith('mdl') ? 0.01 : 0,
    maeKw: nMae * 7000,
    biasKw: -35.1,
    rmseKw: nMae * 9000,
    nMae,
    rMae: nMae / 3,
    rCrps: nMae / 5,
    rCrpsPeakWeighted: nMae / 4,
    width80: nMae * 3,
    weather: model.startsWith('mdl') ? 'vintage' : 'none',
    pinball: nMae / 3,
    coverage: { P5: 0.06, P10: 0.11, P50: 0.49, P90: 0.9, P95: 0.94 },
    skill: model.startsWith('baseline')
      ? null
      : { bestNaive: skill, ci95: [skill - 0.07, skill + 0.06], naive: 'sameHourMean7' },
  });
  return ['PT1H', 'PT6H', 'PT12H', 'PT24H', 'PT48H'].flatMap((lead, index) => [
    row('mdl_owd_17', lead, 0.06 + 0.015 * index),
    row('external:openstef', lead, 0.075 + 0.014 * index),
    row('baseline:seasonalNaive24', lead, 0.17),
    row('baseline:seasonalNaive168', lead, 0.19),
    row('baseline:persistence', lead, 0.05 + 0.06 * index),
    row('baseline:sameHourMean7', lead, 0.16),
  ]);
}
