import type { ValueView } from '../../../../shared/contracts/view.ts';
import { kw } from '../lib/format.ts';
import { pathThrough, rangeOf, xOf, yOf } from '../lib/plot.ts';
import { SMALL_SPAN_MS, useSmallTrend } from '../state/small-trends.ts';
import { trendPath } from '../state/shown.ts';
import { moment } from '../state/store.ts';
import { freshness } from './value.tsx';
import { t } from '../words/t.ts';

interface SparklineProps {
  /** `owd-01/feeder-1/activePowerKw`; undefined if it is not measured. */
  readonly series: string | undefined;
  readonly value: ValueView;
  /** Drawn if the values come near them, kW. */
  readonly limits: readonly number[];
  readonly label: string;
  /** Start of an open incident, ms UTC. */
  readonly since?: number | null;
  readonly width?: number;
  readonly height?: number;
}

/** The last half hour as a small line; a click opens the full trend. */
export function Sparkline({ series, value, limits, label, since = null, width = 96, height = 22 }: SparklineProps) {
  const dots = useSmallTrend(series, value);
  const to = moment.value.now;
  const from = to - SMALL_SPAN_MS;
  const seen = dots.filter(({ time, value: each }) => time >= from && each !== null);
  if (series === undefined || seen.length < 2) return <span class="sparkline" style={{ width: `${width}px` }} />;
  // The height covers at least a tenth of the limit, so that noise looks like noise.
  const range = rangeOf(seen, limits, 0.1 * Math.max(...limits.map(Math.abs), 100));
  const frame = { width, height, from, to, ...range };
  const last = seen.at(-1)!;
  const [low, high] = [Math.min(...seen.map((dot) => dot.value!)), Math.max(...seen.map((dot) => dot.value!))];
  const text = t('{label}, last 30 min: {low} to {high} kW, last {last} kW', {
    label,
    low: kw(low),
    high: kw(high),
    last: kw(last.value),
  });
  return (
    <a class={`sparkline is-${freshness(value)}`} href={trendPath(series)} aria-label={text} title={text}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {since !== null && since > from && (
          <rect
            class="spark-since"
            x={xOf(frame, since)}
            y="0"
            width={Math.max(1, width - xOf(frame, since))}
            height={height}
          />
        )}
        {limits
          .filter((limit) => limit > range.low && limit < range.high)
          .map((limit) => (
            <line key={limit} class="spark-limit" x1="0" x2={width} y1={yOf(frame, limit)} y2={yOf(frame, limit)} />
          ))}
        <path class="spark-line" d={pathThrough(dots, frame)} />
        <circle class="spark-now" cx={Math.min(width - 2, xOf(frame, last.time))} cy={yOf(frame, last.value!)} r="2" />
      </svg>
    </a>
  );
}
