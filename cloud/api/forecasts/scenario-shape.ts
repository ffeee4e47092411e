import { Type, type Static } from 'typebox';
import { ScenarioAnswer, SIGN_CONVENTION } from '../../../shared/contracts/planner.ts';
import type { ScenarioResult } from '../../planner/scenario/scenario-job.ts';
import { tableOf, type Cell, type Table } from '../../tables/table.ts';
import { formatTime, inUnit, parseDuration, quantileColumn, resolutionName } from '../conventions.ts';
import type { Limits, ShapeQuery } from './shape.ts';
import { chosenQuantiles, gridOf, means } from './shown-steps.ts';

const example = {
  id: 'scf_job_01k2f5',
  kind: 'scenario',
  scenarioId: 'scn_01k2f5',
  target: 'substation:owd',
  load: 'uncontrolled',
  start: '2021-09-01T00:00:00Z',
  resolution: 'PT15M',
  unit: 'kW',
  signConvention: 'consumption-positive',
  base: { values: { quantile_P50: [3050.1, 3100.2] } },
  scenario: { values: { quantile_P50: [3200.5, 3251] } },
  summary: {
    base: {
      peakKw: 3100.2,
      peakAt: '2021-09-01T00:15:00Z',
      energyMwh: 1.5,
      hoursAboveLimit: 0,
      energyAboveLimitMwh: 0,
      hoursAboveExportLimit: 0,
      energyAboveExportLimitMwh: 0,
      simultaneity: 1,
      durationCurve: [[0, 3100.2]],
    },
    scenario: {
      peakKw: 3251,
      peakAt: '2021-09-01T00:15:00Z',
      energyMwh: 1.6,
      hoursAboveLimit: 0,
      energyAboveLimitMwh: 0,
      hoursAboveExportLimit: 0,
      energyAboveExportLimitMwh: 0,
      simultaneity: 0.97,
      durationCurve: [[0, 3251]],
    },
  },
  limits: { importKw: 7000, exportKw: 30_000 },
  warnings: [],
};

export const ScenarioForecast = Type.Object(ScenarioAnswer.properties, {
  $id: 'ScenarioForecast',
  title: 'ScenarioForecast',
  examples: [example],
});
export type ScenarioForecast = Static<typeof ScenarioForecast>;

/** Shapes a scenario's result like a forecast: chosen quantiles, and coarser steps as means. */
export function scenarioShape(
  { id, result }: { readonly id: string; readonly result: ScenarioResult },
  options: ShapeQuery & { readonly limits: Limits | undefined },
): ScenarioForecast {
  const { unit = 'kW', limits } = options;
  const names = Object.keys(result.base);
  const steps = result.base[names[0]!]?.length ?? 0;
  const grid = gridOf({ start: result.start, resolutionS: result.resolutionS, steps }, options);
  const levels = names.map((name) => Number(name.slice('quantile_P'.length)) / 100);
  const columns = chosenQuantiles(levels, options.quantiles).map(quantileColumn);
  const shown = (of: ScenarioResult['base']) => ({
    values: Object.fromEntries(
      columns.map((name) => {
        const series = of[name]!.map((kw) => kw ?? Number.NaN);
        return [name, means(series, grid).map((kw) => inUnit(kw, unit))];
      }),
    ),
  });
  const summary = ({ durationCurve, ...of }: ScenarioResult['summary']['base']) => ({
    ...of,
    peakAt: formatTime(of.peakAt),
    durationCurve: durationCurve.map((point) => [...point]),
  });
  return {
    id,
    kind: 'scenario',
    scenarioId: result.scenario,
    target: result.target,
    load: 'uncontrolled',
    start: formatTime(grid.start),
    resolution: resolutionName(grid.resolutionS),
    unit,
    signConvention: SIGN_CONVENTION,
    base: shown(result.base),
    scenario: shown(result.changed),
    summary: { base: summary(result.summary.base), scenario: summary(result.summary.scenario) },
    limits: limits === undefined ? null : { importKw: limits.importKw, exportKw: limits.exportKw },
    warnings: [...result.warnings, ...grid.warnings],
  };
}

/** One row per step: target, start, the quantiles of the scenario, and those of its base. */
export function scenarioTable(shown: ScenarioForecast): Table {
  const stepMs = parseDuration(shown.resolution, 'resolution');
  const start = Date.parse(shown.start);
  const columns = [
    ...Object.entries(shown.scenario.values),
    ...Object.entries(shown.base.values).map(([name, series]) => [`base_${name}`, series] as const),
  ];
  const rows = columns[0]![1].map((_, step): Record<string, Cell> => ({
    target: shown.target,
    start: start + step * stepMs,
    ...Object.fromEntries(columns.map(([name, series]) => [name, series[step] ?? null])),
  }));
  return tableOf([['target', 'text'], ['start', 'time'], ...columns.map(([name]) => [name, 'number'] as const)], rows);
}
