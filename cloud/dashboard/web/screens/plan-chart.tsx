import { useMemo } from 'preact/hooks';
import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import type { MeasuredSeries } from '../../../../shared/contracts/planner.ts';
import { onTimes } from '../../../../shared/time/on-times.ts';
import { bounds, type Target } from '../lib/plan-steps.ts';
import { measuredSteps, type Column } from '../lib/series.ts';
import { Chart } from '../parts/chart.tsx';
import { useAnswer } from '../state/api.ts';
import { moment, quarter, region } from '../state/store.ts';
import { t } from '../words/t.ts';

const BACK_MS = 6 * 3_600_000;
const AHEAD_MS = 48 * 3_600_000;
const STEP_MS = 300_000;

interface PlanChartProps {
  readonly plan: PlanBody;
  /** device:owd-01/battery-1 or feeder:owd-1; null if the quantity is not a power. */
  readonly measuredAs: string | null;
  readonly target: Target;
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] };
  readonly name: string;
}

/** A planned series in its steps, and the measurements so far. */
export function PlanChart({ plan, measuredAs, target, band, name }: PlanChartProps) {
  const end = quarter.value * 900_000;
  const path =
    measuredAs === null || region.value === null
      ? null
      : `/v1/measurements?target=${measuredAs}&start=${new Date(plan.horizon.start - BACK_MS).toISOString()}&end=${new Date(Math.max(end, plan.horizon.start)).toISOString()}&resolution=PT15M`;
  const answer = useAnswer<{ items: MeasuredSeries[] }>(path);
  const measured = answer.state === 'good' ? (answer.value.items[0] ?? null) : null;
  const spec = useMemo(() => {
    const starts = bounds(plan.horizon);
    const from = plan.horizon.start - BACK_MS;
    const to = Math.min(starts.at(-1)!, plan.horizon.start + AHEAD_MS);
    const times = Array.from({ length: Math.floor((to - from) / STEP_MS) + 1 }, (_, index) => from + index * STEP_MS);
    const planned = (values: readonly (number | null)[]): Column => onTimes(plan.horizon, times, values);
    const steps = measured === null ? null : measuredSteps(measured);
    const actual: Column = times.map((time) =>
      steps === null || time < steps.start
        ? null
        : (steps.values[Math.floor((time - steps.start) / steps.stepMs)] ?? null),
    );
    const edges = band === undefined ? [] : [band.high, band.low];
    return {
      times,
      lines: [
        { label: t('Planned'), column: planned(target.values), colour: '--chart-forecast', step: true, width: 2 },
        ...(measuredAs === null
          ? []
          : [{ label: t('Measured'), column: actual, colour: '--chart-actual', step: true, width: 2 }]),
        ...edges.map((values, index) => ({
          label: index === 0 ? t('high') : t('low'),
          column: planned(values),
          colour: '--chart-forecast',
          step: true,
          edge: true,
        })),
      ],
      bands:
        edges.length === 0
          ? []
          : [{ between: measuredAs === null ? ([1, 2] as const) : ([2, 3] as const), colour: '--chart-band' }],
      marks: [{ time: moment.peek().now, label: t('now') }],
      unit: target.unit,
      decimals: target.unit === 'pu' ? 3 : 0,
      height: 220,
    };
  }, [plan, target, measured, band, measuredAs, quarter.value]);
  return <Chart spec={spec} label={t('{name}: planned and measured {label}', { name, label: t(target.label) })} />;
}
