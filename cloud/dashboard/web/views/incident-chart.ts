import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { kw } from '../lib/format.ts';
import { pathThrough, rangeOf, xOf, yOf, type Dot, type Frame } from '../lib/plot.ts';
import { clockSeconds, day, daySeconds, wallSeconds } from '../lib/zone.ts';
import { t } from '../words/t.ts';

function newDayText(time: number, zone: string): string {
  return wallSeconds(time, zone) === '00:00:00' ? day(time, zone) : daySeconds(time, zone);
}

type Box = Pick<Frame, 'width' | 'height' | 'low' | 'high'>;

export interface ChartLine {
  readonly label: string;
  readonly dots: readonly Dot[];
}

export interface ChartPlace {
  readonly zone: string;
  /** px; text has the same size at any width. */
  readonly width: number;
}

const ROW = 170;
const LEFT = 62;
const TOP = 30;
const RIGHT = 8;
/** Half the width of a time label, px. */
const HALF_TIME = 26;
/** Space per time label, px. */
const TIME_ROOM = 70;
/** Upper bound of the mean letter width, px. */
const LETTER = 6.8;

/** Draws the curves of an incident as SVG, each with its limit, and marks for the start, the return within limits and the end. */
export function incidentChart(
  incident: IncidentView,
  lines: readonly ChartLine[],
  { zone, width }: ChartPlace,
): string {
  const height = lines.length * (ROW + TOP) + 24;
  const times = lines.flatMap(({ dots }) => dots.map(({ time }) => time));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const box = { width: width - LEFT - RIGHT, height: ROW, low: 0, high: 1 };
  const rows = lines.map((line, at) => row(incident, line, { from, to, top: at * (ROW + TOP) + TOP, box }));
  const ticks = ticksOf(from, to, Math.max(2, Math.floor(box.width / TIME_ROOM)));
  const axis = ticks.map((time, at) => {
    const x = Math.min(LEFT + xOf({ ...box, from, to }, time), width - HALF_TIME);
    const isNewDay = at > 0 && day(time, zone) !== day(ticks[at - 1]!, zone);
    const text = isNewDay ? newDayText(time, zone) : clockSeconds(time, zone);
    // The margin shows the first day.
    return x < LEFT + HALF_TIME
      ? ''
      : `<text class="axis" x="${x.toFixed(1)}" y="${height - 6}" text-anchor="middle">${text}</text>`;
  });
  axis.unshift(`<text class="axis" x="0" y="${height - 6}">${day(from, zone)}</text>`);
  const said = lines.map(({ label, dots }) => `${label}: ${wordsOf(dots)}`).join('; ');
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(said)}">${rows.join('')}${axis.join('')}</svg>`;
}

function row(
  incident: IncidentView,
  { label, dots }: ChartLine,
  { from, to, top, box }: { readonly from: number; readonly to: number; readonly top: number; readonly box: Box },
): string {
  const limits = limitsOf(incident, label);
  const worst = worstOf(incident, label).filter(
    ({ time, value }) =>
      time >= from && time <= to && !dots.some((dot) => Math.abs(dot.value ?? 0) >= 0.99 * Math.abs(value)),
  );
  const frame: Frame = { ...box, from, to, ...rangeOf([...dots, ...worst], limits, 0.1 * Math.max(...limits, 100)) };
  const y = (value: number): string => (top + yOf(frame, value)).toFixed(1);
  const x = (time: number): string => (LEFT + xOf(frame, time)).toFixed(1);
  const across = (value: number, name: string, text: string): string =>
    `<line class="${name}" x1="${LEFT}" x2="${LEFT + box.width}" y1="${y(value)}" y2="${y(value)}"/>` +
    (name === 'limit'
      ? `<text class="limit-text" x="${LEFT + 6}" y="${Number(y(value)) - 4}">${text}</text>`
      : `<text class="axis" x="${LEFT - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${text}</text>`);
  const beside = (time: number, dy: string, text: string): string => {
    const isLate = Number(x(time)) + 5 + LETTER * text.length > LEFT + box.width + RIGHT;
    return `<text class="axis" x="${Number(x(time)) + (isLate ? -5 : 5)}" y="${dy}"${isLate ? ' text-anchor="end"' : ''}>${text}</text>`;
  };
  const grid = valuesOf(frame).map((value) => across(value, 'grid', kw(value)));
  const bounds = limits
    .filter((limit) => limit > frame.low && limit < frame.high)
    .map((limit) => across(limit, 'limit', t('limit {limit} kW', { limit: kw(limit) })));
  const shown = marksOf(incident).filter(({ time }) => time >= from && time <= to);
  const marks = [
    ...shown.map(
      ({ time }) => `<line class="mark-line" x1="${x(time)}" x2="${x(time)}" y1="${top}" y2="${top + ROW}"/>`,
    ),
    ...shown.map(({ time, text }, at) => beside(time, `${top + ROW - 8 - 14 * at}`, text)),
  ];
  const dotted = worst.map(
    ({ time, value }) =>
      `<circle class="worst" cx="${x(time)}" cy="${y(value)}" r="3.5"/>${beside(time, y(value), t('{power} kW at worst', { power: kw(value) }))}`,
  );
  const path = pathThrough(dots, frame);
  return (
    `<text class="row-name" x="${LEFT}" y="${top - 10}">${escaped(label)}</text>${grid.join('')}${bounds.join('')}` +
    `<path class="curve" transform="translate(${LEFT} ${top})" d="${path}"/>${marks.join('')}${dotted.join('')}`
  );
}

function limitsOf({ limit, jump }: IncidentView, label: string): number[] {
  if (label === t('Transformer')) return limit?.element === 'transformer' && limit.unit !== 'pu' ? [limit.bound] : [];
  return jump?.limitKw === null || jump === null ? [] : [jump.limitKw];
}

/** The worst value that the guard reported; the curve of reported values may have missed it. */
function worstOf({ limit }: IncidentView, label: string): { time: number; value: number }[] {
  const isDrawn =
    limit !== null && limit.unit !== 'pu' && label === t('Transformer') && limit.element === 'transformer';
  return isDrawn ? [{ time: limit.passedAt, value: limit.worst }] : [];
}

function marksOf({ startedAt, limit, endedAt }: IncidentView): { time: number; text: string }[] {
  const marks = [{ time: startedAt, text: t('begins') }];
  if (limit !== null && limit.backAt !== null) marks.push({ time: limit.backAt, text: t('back inside') });
  if (endedAt !== null) marks.push({ time: endedAt, text: t('over') });
  return marks;
}

function valuesOf({ low, high }: Frame): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  const values: number[] = [];
  // Without a cap, values too large for the step to change would loop forever.
  for (let value = Math.ceil(low / step) * step; value <= high && values.length < 20; value += step) values.push(value);
  return values;
}

const STEPS_MS = [30, 60, 120, 300, 600, 1800, 3600, 10_800, 43_200, 86_400].map((each) => each * 1000);

function ticksOf(from: number, to: number, most: number): number[] {
  const step = STEPS_MS.find((each) => (to - from) / each <= most) ?? STEPS_MS.at(-1)!;
  const ticks: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to && ticks.length < 20; time += step) ticks.push(time);
  return ticks;
}

function wordsOf(dots: readonly Dot[]): string {
  const values = dots.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.length === 0
    ? t('unknown')
    : t('{least} to {most} kW', { least: kw(Math.min(...values)), most: kw(Math.max(...values)) });
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
