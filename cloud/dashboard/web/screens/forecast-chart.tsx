import { useMemo } from 'preact/hooks';
import type { ForecastAnswer, MeasurementAnswer } from '../lib/answers.ts';
import { align, errorSoFar, measuredSteps, quantileSteps, type ErrorSoFar } from '../lib/series.ts';
import { Chart } from '../parts/chart.tsx';
import { useAnswer, type Answer } from '../state/api.ts';
import { moment, newestForecast, quarter, region } from '../state/store.ts';

const QUANTILES = 'quantiles=0.05,0.1,0.5,0.9,0.95';
const BACK_MS = 24 * 3_600_000;

export interface ForecastData {
  readonly forecast: Answer<ForecastAnswer>;
  readonly measured: MeasurementAnswer | null;
  readonly error: ErrorSoFar | null;
}

/** The newest forecast of a substation, feeder or region, and what has been measured beside it since the day before. */
export function useForecast(kind: 'substation' | 'feeder' | 'region', id: string): ForecastData {
  const target = `${kind}:${id}`;
  const newest = newestForecast.value[target] ?? '';
  const forecast = useAnswer<ForecastAnswer>(`/v1/${kind}s/${encodeURIComponent(id)}/forecast?${QUANTILES}`, newest);
  const start = forecast.state === 'good' ? Date.parse(forecast.value.start) - BACK_MS : null;
  const end = quarter.value * 900_000;
  const path =
    start === null || region.value === null
      ? null
      : `/v1/measurements?target=${target}&start=${new Date(start).toISOString()}&end=${new Date(Math.max(end, start + 900_000)).toISOString()}&resolution=PT15M`;
  const measured = useAnswer<{ items: MeasurementAnswer[] }>(path);
  const series = measured.state === 'good' ? (measured.value.items[0] ?? null) : null;
  const error = useMemo(
    () => (forecast.state === 'good' && series !== null ? errorSoFar(forecast.value, measuredSteps(series)) : null),
    [forecast, series],
  );
  return { forecast, measured: series, error };
}

interface ForecastChartProps {
  readonly forecast: ForecastAnswer;
  readonly measured: MeasurementAnswer | null;
  readonly height: number;
}

/** The band 10-50-90 with 5 and 95 around it, against what was measured. */
export function ForecastChart({ forecast, measured, height }: ForecastChartProps) {
  const now = quarter.value;
  const spec = useMemo(() => {
    const names = ['P95', 'P90', 'P50', 'P10', 'P5'];
    const series = [
      ...names.map((name) => quantileSteps(forecast, name)),
      ...(measured === null ? [] : [measuredSteps(measured)]),
    ];
    const { times, columns } = align(series);
    const edge = (index: number) => ({
      label: names[index]!,
      column: columns[index]!,
      colour: '--chart-forecast',
      edge: index !== 2,
      width: 1.5,
      dash: [5, 3],
    });
    return {
      times,
      lines: [
        ...names.map((_, index) => edge(index)),
        ...(measured === null ? [] : [{ label: 'Measured', column: columns[5]!, colour: '--chart-actual', width: 2 }]),
      ],
      bands: [
        { between: [0, 4] as const, colour: '--chart-band-wide' },
        { between: [1, 3] as const, colour: '--chart-band' },
      ],
      limits: [
        { value: forecast.limits.importKw, label: `import limit ${Math.round(forecast.limits.importKw)} kW` },
        { value: -forecast.limits.exportKw, label: `feed-in limit ${Math.round(forecast.limits.exportKw)} kW` },
      ],
      marks: [
        { time: Date.parse(forecast.issuedAt), label: 'issued' },
        { time: moment.peek().now, label: 'now' },
      ],
      unit: 'kW',
      height,
    };
  }, [forecast, measured, height, now]);
  return (
    <Chart spec={spec} label={`Forecast of ${forecast.target} with its band from 10 to 90 %, and what was measured`} />
  );
}
