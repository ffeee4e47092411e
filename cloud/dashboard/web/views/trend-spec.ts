import type { TrendView } from '../../../../shared/contracts/trend.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { number } from '../lib/format.ts';
import { axisOf, decimalsOf, seriesName, TREND, unitOf } from '../lib/trend-words.ts';
import { incidents } from '../state/incidents.ts';
import { t } from '../words/t.ts';

const COLOURS = ['--chart-actual', '--chart-forecast', '--chart-limit', '--fill'] as const;
export const MOST = COLOURS.length;
/** Height of a single chart, and of each of several, px. */
const HEIGHT = 420;
const LOWER = 250;

/** Returns one chart per unit over the same time. The axes extend into the future only if something is known about it. */
export function specsOf(
  trend: TrendView,
  { now, events }: { readonly now: number; readonly events: readonly EventView[] },
) {
  const isAhead = trend.items.some(({ planned, forecast }) => planned !== undefined || forecast !== undefined);
  const axes = [...Map.groupBy(trend.items, ({ series }) => axisOf(series)).values()];
  const height = axes.length === 1 ? HEIGHT : LOWER;
  return axes.map((items) => specOf({ ...trend, items }, { now, isAhead, height, events }));
}

/** True if nothing was measured, which is not zero. */
export const isEmpty = ({ mean }: TrendView['items'][number]): boolean => mean.every((value) => value === null);

interface Frame {
  readonly now: number;
  /** True if the future is shown. */
  readonly isAhead: boolean;
  readonly height: number;
  /** Numbered from 1. */
  readonly events: readonly EventView[];
}

function specOf({ start, stepS, items }: TrendView, { now, isAhead, height, events }: Frame) {
  const length = items[0]?.mean.length ?? 0;
  const past = Math.min(length, Math.ceil((now - start) / (1000 * stepS)));
  const count = isAhead ? length : past;
  const times = Array.from({ length: count }, (_, at) => start + at * stepS * 1000);
  const cut = (column: Column): Column => column.slice(0, count);
  // A measurement holds for a while, but not into the future.
  const seen = (column: Column): Column => cut(column).map((value, at) => (at < past ? value : null));
  const colourOf = (at: number) => COLOURS[at] ?? COLOURS[0];
  const measured = items.map(({ series, mean }, at) => ({
    label: seriesName(series),
    column: seen(mean),
    colour: colourOf(at),
    width: 1.6,
  }));
  const planned = items.flatMap(({ series, planned: column }, at) =>
    column === undefined
      ? []
      : [
          {
            label: TREND.planned(items.length === 1 ? '' : seriesName(series)),
            column: cut(column),
            dash: [5, 4],
            step: true,
            width: 1.6,
            colour: items.length === 1 ? '--fill' : colourOf(at),
          },
        ],
  );
  const alone = items.length === 1 ? items[0] : undefined;
  const mid =
    alone?.forecast === undefined
      ? []
      : [{ label: TREND.forecast(), column: cut(alone.forecast.mid), colour: '--chart-forecast', width: 1.6 }];
  const lines = [...measured, ...planned, ...mid];
  const edges = [
    ...(alone === undefined
      ? []
      : ([
          [TREND.most(), seen(alone.max)],
          [TREND.least(), seen(alone.min)],
        ] as const)),
    ...(alone?.forecast === undefined
      ? []
      : ([
          [TREND.high(), cut(alone.forecast.high)],
          [TREND.low(), cut(alone.forecast.low)],
        ] as const)),
  ].map(([label, column]) => ({ label, column, colour: '--chart-forecast', edge: true }));
  const unit = unitOf(items[0]?.series ?? '');
  const until = start + count * stepS * 1000;
  return {
    label: items.map(({ series }) => seriesName(series)).join('; '),
    times,
    until,
    lines: [...lines, ...edges],
    bands: edges.flatMap((_, at) =>
      at % 2 === 0
        ? [
            {
              between: [lines.length + at, lines.length + at + 1] as const,
              colour: at === 0 ? '--chart-band' : '--chart-band-wide',
            },
          ]
        : [],
    ),
    limits: limitsOf(items, unit),
    marks: [
      ...incidents.value
        .filter(
          ({ gateway, startedAt }) =>
            startedAt > start && startedAt < until && items.some(({ series }) => series.startsWith(`${gateway}/`)),
        )
        .slice(0, 6)
        .map(({ startedAt, id }) => ({ time: startedAt, label: t('incident {id}', { id }) })),
      ...(isAhead ? [{ time: now, label: TREND.now() }] : []),
    ],
    numbers: events.map(({ time }) => time),
    unit,
    decimals: decimalsOf(unit),
    height,
  };
}

type Column = TrendView['items'][number]['mean'];

/** Limits, labelled with their series if they differ. */
function limitsOf(items: TrendView['items'], unit: string): { value: number; label: string }[] {
  const of = new Map<number, string[]>();
  for (const { series, limits } of items)
    for (const value of [limits?.high, limits?.low])
      if (value !== undefined && value !== null) of.set(value, [...(of.get(value) ?? []), seriesName(series)]);
  return [...of].map(([value, names]) => ({
    value,
    label: `${names.length === items.length ? '' : `${names.join(', ')}: `}${TREND.limit()} ${number(value, decimalsOf(unit))} ${unit}`,
  }));
}
