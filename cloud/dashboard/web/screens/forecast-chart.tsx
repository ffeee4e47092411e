import { useMemo } from 'preact/hooks';
import type { ForecastAnswer, MeasuredSeries } from '../../../../shared/contracts/planner.ts';
import { align, errorSoFar, measuredSteps, quantileSteps, type ErrorSoFar, type Steps } from '../lib/series.ts';
import { Chart } from '../parts/chart.tsx';
import { useAnswer, type Answer } from '../state/api.ts';
import { moment, newestForecast, quarter, region } from '../state/store.ts';
import { t, translate } from '../words/t.ts';

const QUANTILES = 'quantiles=0.05,0.1,0.5,0.9,0.95';
const BACK_MS = 24 * 3_600_000;

export type TargetKind = 'substation' | 'feeder' | 'region';

/** `band`: the outer band, %; 5 means from P5 to P95. */
export interface Chosen {
  /** Absent: the newest. */
  readonly vintage: string | undefined;
  readonly band: number;
}

/** Returns the quantiles for an outer band: its own, those of an inner band, and the median. */
function levelsOf(band: number): number[] {
  const inner = Math.min(45, band + (band === 5 ? 5 : 15));
  return [...new Set([band, inner, 50, 100 - inner, 100 - band])].toSorted((a, b) => a - b).map((each) => each / 100);
}

export interface ForecastData {
  readonly forecast: Answer<ForecastAnswer>;
  readonly measured: MeasuredSeries | null;
  readonly error: ErrorSoFar | null;
}

/** The newest forecast of a substation, feeder or region, or one of its vintages, with the measurements since the day before. */
export function useForecast(kind: TargetKind, id: string, chosen?: Chosen): ForecastData {
  const target = `${kind}:${id}`;
  const newest = newestForecast.value[target] ?? '';
  const asked = chosen === undefined ? QUANTILES : `quantiles=${levelsOf(chosen.band).join(',')}`;
  const forecast = useAnswer<ForecastAnswer>(
    chosen?.vintage === undefined
      ? `/v1/${kind}s/${encodeURIComponent(id)}/forecast?${asked}`
      : `/v1/forecasts/${encodeURIComponent(chosen.vintage)}?${asked}`,
    chosen?.vintage === undefined ? newest : '',
  );
  const start = forecast.state === 'good' ? Date.parse(forecast.value.start) - BACK_MS : null;
  const end = quarter.value * 900_000;
  // The measurements must be of the same load as the forecast.
  const load = forecast.state === 'good' && forecast.value.load === 'uncontrolled' ? '&load=uncontrolled' : '';
  const path =
    start === null || region.value === null
      ? null
      : `/v1/measurements?target=${target}${load}&start=${new Date(start).toISOString()}&end=${new Date(Math.max(end, start + 900_000)).toISOString()}&resolution=PT15M`;
  const measured = useAnswer<{ items: MeasuredSeries[] }>(path);
  const series = measured.state === 'good' ? (measured.value.items[0] ?? null) : null;
  const error = useMemo(
    () => (forecast.state === 'good' && series !== null ? errorSoFar(forecast.value, measuredSteps(series)) : null),
    [forecast, series],
  );
  return { forecast, measured: series, error };
}

interface ForecastChartProps {
  readonly forecast: ForecastAnswer;
  readonly measured: MeasuredSeries | null;
  readonly height: number;
  /** Drawn beside the median: the result of a scenario. */
  readonly beside?: { readonly label: string; readonly steps: Steps } | undefined;
}

/** The median within its inner and outer bands, against the measurements. */
export function ForecastChart({ forecast, measured, height, beside }: ForecastChartProps) {
  const now = quarter.value;
  const spec = useMemo(() => {
    const beyond = forecast.extension ?? null;
    const names = Object.keys(forecast.values)
      .map((name) => name.replace('quantile_', ''))
      .toSorted((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
    const middle = names.indexOf('P50');
    const series = [
      ...names.map((name) => quantileSteps(forecast, name)),
      ...(measured === null ? [] : [measuredSteps(measured)]),
      ...(beside === undefined ? [] : [beside.steps]),
    ];
    const { times, columns } = align(series);
    const edge = (index: number) => ({
      label: names[index]!,
      column: columns[index]!,
      colour: '--chart-forecast',
      edge: index !== middle,
      width: 1.5,
      dash: [5, 3],
    });
    return {
      times,
      lines: [
        ...names.map((_, index) => edge(index)),
        ...(measured === null
          ? []
          : [{ label: t('Measured'), column: columns[names.length]!, colour: '--chart-actual', width: 2 }]),
        ...(beside === undefined
          ? []
          : [{ label: beside.label, column: columns.at(-1)!, colour: '--chart-limit', width: 2, dash: [2, 2] }]),
      ],
      bands: [
        { between: [0, names.length - 1] as const, colour: '--chart-band-wide' },
        ...(middle > 1 ? [{ between: [1, names.length - 2] as const, colour: '--chart-band' }] : []),
      ],
      limits:
        forecast.limits === null
          ? []
          : [
              {
                value: forecast.limits.importKw,
                label: t('import limit {most} kW', { most: Math.round(forecast.limits.importKw) }),
              },
              {
                value: -forecast.limits.exportKw,
                label: t('feed-in limit {least} kW', { least: Math.round(forecast.limits.exportKw) }),
              },
            ],
      marks: [
        { time: Date.parse(forecast.issuedAt), label: translate('issued') },
        { time: moment.peek().now, label: t('now') },
        ...(beyond === null ? [] : [{ time: Date.parse(beyond.from), label: t('week ahead') }]),
      ],
      unit: 'kW',
      height,
    };
  }, [forecast, measured, height, now, beside]);
  const target = typeof forecast.target === 'string' ? forecast.target : forecast.target.sumOf.join(', ');
  return <Chart spec={spec} label={t('Forecast of {target} with its band, and what was measured', { target })} />;
}
