import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { number } from '../lib/format.ts';
import type { Column } from '../lib/series.ts';
import { tickLabel, timeTicks } from '../lib/zone.ts';

export interface Line {
  readonly label: string;
  readonly column: Column;
  /** Colour token, such as --chart-actual. */
  readonly colour: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Holds a value until the next one. */
  readonly step?: boolean;
  /** Draws only the edge of a band. */
  readonly edge?: boolean;
}

export interface ChartSpec {
  /** ms UTC */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** Filled between two lines, by index. */
  readonly bands?: readonly { readonly between: readonly [number, number]; readonly colour: string }[];
  readonly limits?: readonly { readonly value: number; readonly label: string }[];
  readonly marks?: readonly { readonly time: number; readonly label: string }[];
  /** Times numbered on the axis from 1, ms UTC, ascending; a list beside the chart explains them. */
  readonly numbers?: readonly number[];
  readonly unit: string;
  readonly decimals?: number;
  readonly zone: string;
  readonly height: number;
  /** Receives the index under the pointer, or null. */
  onCursor(index: number | null): void;
  /** Receives the dragged span, ms UTC; absent: dragging has no effect. */
  onZoom?: ((from: number, to: number) => void) | undefined;
}

const token = (name: string, host: HTMLElement): string => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

const FONT = '11px Inter, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

/** Draws the chart into `host`; returns how to remove it. */
export function drawChart(host: HTMLElement, spec: ChartSpec): () => void {
  const seconds = spec.times.map((time) => time / 1000);
  const data = [seconds, ...spec.lines.map(({ column }) => column)] as unknown as uPlot.AlignedData;
  const [text, grid] = [token('--muted', host), token('--chart-grid', host)];
  const axis: uPlot.Axis = { stroke: text, font: FONT, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const chart = new uPlot(
    {
      width: host.clientWidth,
      height: spec.height,
      padding: [10, 36, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 5 }, drag: { x: spec.onZoom !== undefined, y: false, setScale: false } },
      scales: { x: { time: false }, y: { range: (_plot, low, high) => yRange([low, high], spec) } },
      series: [{}, ...spec.lines.map((line) => series(line, host))],
      bands: (spec.bands ?? []).map(({ between: [high, low], colour }) => ({
        series: [high + 1, low + 1],
        fill: token(colour, host),
      })),
      axes: [
        {
          ...axis,
          size: 26,
          splits: (plot) => ticks(plot, spec.zone),
          values: (_plot, splits) => splits.map((each) => tickLabel(each * 1000, spec.zone)),
        },
        { ...axis, size: 62, values: (_plot, splits) => splits.map((each) => number(each, spec.decimals ?? 0)) },
      ],
      hooks: {
        draw: [
          (plot) =>
            drawMarks(plot, spec, {
              text,
              limit: token('--chart-limit', host),
              now: token('--text', host),
              ground: token('--panel', host),
            }),
        ],
        setCursor: [(plot) => spec.onCursor(plot.cursor.idx ?? null)],
        setSelect: [(plot) => zoom(plot, spec)],
      },
    },
    data,
    host,
  );
  const observer = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height: spec.height }));
  observer.observe(host);
  return () => {
    observer.disconnect();
    chart.destroy();
  };
}

/** A click is not a drag and selects nothing. */
function zoom(plot: uPlot, { onZoom }: ChartSpec): void {
  const { left, width } = plot.select;
  if (width <= 0 || onZoom === undefined) return;
  const timeAt = (x: number): number => 1000 * plot.posToVal(x, 'x');
  onZoom(timeAt(left), timeAt(left + width));
}

const ticks = (plot: uPlot, zone: string): number[] => {
  const [from, to] = [plot.scales['x']!.min!, plot.scales['x']!.max!];
  const most = Math.max(2, Math.floor(plot.width / 84));
  return timeTicks({ from: from * 1000, to: to * 1000 }, most, zone).map((time) => time / 1000);
};

function series(line: Line, host: HTMLElement): uPlot.Series {
  const stepped = uPlot.paths.stepped!({ align: 1 });
  return {
    label: line.label,
    stroke: line.edge === true ? 'transparent' : token(line.colour, host),
    width: line.edge === true ? 0 : (line.width ?? 1.5),
    points: { show: false },
    spanGaps: false,
    ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
    ...(line.step === true ? { paths: stepped } : {}),
  };
}

/** Keeps limits close to the data in view; far ones must not flatten the curve. */
function yRange([low, high]: [number, number], spec: ChartSpec): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const size = Math.max(high - low, Math.abs(high) * 0.02, 1e-3);
  const seen = (spec.limits ?? [])
    .map(({ value }) => value)
    .filter((value) => value > low - 0.9 * size && value < high + 0.9 * size);
  const [from, to] = [Math.min(low, ...seen), Math.max(high, ...seen)];
  const room = (to - from || 1) * 0.07;
  return [from - room, to + room];
}

function drawMarks(
  plot: uPlot,
  spec: ChartSpec,
  colours: Readonly<Record<'text' | 'limit' | 'now' | 'ground', string>>,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const line = (from: [number, number], to: [number, number], dash: number[]): void => {
    ctx.setLineDash(dash.map((each) => each * ratio));
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  };
  const write = (label: string, at: { x: number; y: number; align: CanvasTextAlign; colour: string }): void => {
    const width = ctx.measureText(label).width;
    ctx.fillStyle = colours.ground;
    ctx.fillRect(
      at.align === 'right' ? at.x - width - 2 * ratio : at.x - 2 * ratio,
      at.y - 10 * ratio,
      width + 4 * ratio,
      13 * ratio,
    );
    ctx.fillStyle = at.colour;
    ctx.textAlign = at.align;
    ctx.fillText(label, at.x, at.y);
  };
  ctx.save();
  ctx.font = FONT.replace('11px', `${11 * ratio}px`);
  ctx.lineWidth = ratio;
  for (const { value, label } of spec.limits ?? []) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colours.limit;
    line([bbox.left, y], [bbox.left + bbox.width, y], [6, 3]);
    const above = y >= bbox.top + 20 * ratio;
    write(label, {
      x: bbox.left + bbox.width - 4 * ratio,
      y: y + (above ? -5 : 13) * ratio,
      align: 'right',
      colour: colours.limit,
    });
  }
  const written: { readonly x: number; readonly right: boolean }[] = [];
  for (const [index, { time, label }] of (spec.marks ?? []).entries()) {
    const x = Math.round(plot.valToPos(time / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colours.now;
    line([x, bbox.top], [x, bbox.top + bbox.height], [2, 2]);
    const right =
      x > bbox.left + bbox.width - 70 * ratio || (index < spec.marks!.length - 1 && x > bbox.left + 50 * ratio);
    // Labels that would overlap go on separate lines.
    const row = written.filter((each) => each.right === right && Math.abs(each.x - x) < 70 * ratio).length;
    written.push({ x, right });
    write(label, {
      x: x + (right ? -6 : 6) * ratio,
      y: bbox.top + (11 + 14 * row) * ratio,
      align: right ? 'right' : 'left',
      colour: colours.text,
    });
  }
  drawNumbers(plot, spec, { text: colours.text, line });
  ctx.restore();
}

/** A number that would overlap the previous one is left out; its tick stays. */
function drawNumbers(
  plot: uPlot,
  { numbers = [] }: ChartSpec,
  { text, line }: { text: string; line: (from: [number, number], to: [number, number], dash: number[]) => void },
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const foot = bbox.top + bbox.height;
  let free = bbox.left;
  ctx.strokeStyle = text;
  ctx.fillStyle = text;
  ctx.textAlign = 'center';
  for (const [index, time] of numbers.entries()) {
    const x = Math.round(plot.valToPos(time / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    line([x, foot - 10 * ratio], [x, foot], []);
    const half = ctx.measureText(String(index + 1)).width / 2 + ratio;
    if (x - half < free) continue;
    ctx.fillText(String(index + 1), x, foot - 13 * ratio);
    free = x + half;
  }
}
