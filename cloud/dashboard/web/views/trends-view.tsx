import { useCallback, useMemo } from 'preact/hooks';
import type { TrendView } from '../../../../shared/contracts/trend.ts';
import { duration, kw, pu } from '../lib/format.ts';
import { lookedTo } from '../lib/look.ts';
import {
  addressOf,
  between,
  dayOfWindow,
  moved,
  spanned,
  windowOf,
  windowOfDay,
  type TrendWindow,
} from '../lib/trend-window.ts';
import { SPANS, seriesName, TREND, unitOf } from '../lib/trend-words.ts';
import { daySeconds } from '../lib/zone.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { incidents } from '../state/incidents.ts';
import { choose, chooseAll, query } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { hasPlantTime, moment, region } from '../state/store.ts';
import { t } from '../words/t.ts';

const COLOURS = ['--chart-actual', '--chart-forecast', '--chart-limit', '--fill'] as const;
const MOST = COLOURS.length;
const POINTS = 400;
/** A third more is shown of the time to come, up to a day of it; beside longer spans it would not be seen. */
const LONGEST_AHEAD_S = 7 * 86_400;
const MOST_AHEAD_MS = 86_400_000;

/** Measured values over a span that ends now or has passed, several of one unit on one axis, with limits, plan, forecast and incidents. */
export function TrendsView() {
  const names = (query.value.get('series') ?? '').split(',').filter((each) => each !== '');
  const window = windowOf(query.value, moment.value.now);
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{TREND.title()}</h1>
        <Choices names={names} />
        <Times window={window} />
      </div>
      <Panel title={names.map(seriesName).join('; ') || TREND.title()} class="wide" label={TREND.title()}>
        {names.length === 0 ? <p class="muted waiting">{TREND.none()}</p> : <Curves names={names} window={window} />}
      </Panel>
    </>
  );
}

function Choices({ names }: { names: readonly string[] }) {
  const unit = unitOf(names[0] ?? '');
  const others = (region.value?.substations ?? [])
    .flatMap(({ gateway, series, feeders }) => [
      ...(series === undefined ? [] : [series]),
      ...feeders.map((feeder) => `${gateway}/feeder-${feeder.split('-').at(-1)}/activePowerKw`),
    ])
    .filter((each) => !names.includes(each) && (unit === '' || unitOf(each) === unit));
  const set = (next: readonly string[]): void => choose('series', next.join(','));
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      {names.length < MOST && (
        <label>
          {TREND.add()}
          <select value="" onChange={(event) => set([...names, event.currentTarget.value])}>
            <option value=""></option>
            {others.map((each) => (
              <option key={each} value={each}>
                {seriesName(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      {names.length > 1 &&
        names.map((each) => (
          <button key={each} type="button" class="quiet" onClick={() => set(names.filter((name) => name !== each))}>
            {TREND.remove(seriesName(each))}
          </button>
        ))}
    </form>
  );
}

/** By keys what a drag does by the mouse: any minute of any day is reached. */
function Times({ window }: { window: TrendWindow }) {
  const { now } = moment.value;
  const show = (next: TrendWindow): void => chooseAll(addressOf(next));
  const { spanS, end } = window;
  const onDay = (name: string): void => {
    const day = windowOfDay(name, zone(), now);
    if (day !== undefined) show(day);
  };
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        {TREND.span()}
        <select
          value={String(spanS)}
          onChange={(event) => show(spanned(window, Number(event.currentTarget.value), now))}
        >
          {SPANS.every(([, seconds]) => seconds !== spanS) && (
            <option value={String(spanS)}>{duration(spanS * 1000)}</option>
          )}
          {SPANS.map(([text, seconds]) => (
            <option key={text} value={String(seconds)}>
              {t(text)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {TREND.day()}
        <input
          type="date"
          value={dayOfWindow(window, zone(), now)}
          max={dayOfWindow({ spanS, end: null }, zone(), now)}
          onChange={(event) => onDay(event.currentTarget.value)}
        />
      </label>
      <span class="row" role="group" aria-label={t('Time')}>
        <button type="button" onClick={() => show(moved(window, -1, now))}>
          {TREND.earlier()}
        </button>
        <button type="button" disabled={end === null} onClick={() => show(moved(window, 1, now))}>
          {TREND.later()}
        </button>
        <button type="button" onClick={() => show(spanned(window, spanS / 2, now))}>
          {TREND.closer()}
        </button>
        <button type="button" onClick={() => show(spanned(window, spanS * 2, now))}>
          {TREND.wider()}
        </button>
        <button type="button" disabled={end === null} onClick={() => show({ spanS, end: null })}>
          {TREND.live()}
        </button>
      </span>
    </form>
  );
}

function Curves({ names, window: { spanS, end } }: { names: readonly string[]; window: TrendWindow }) {
  const { now, speed } = moment.value;
  const until = end ?? lookedTo(now, { spanMs: spanS * 1000, speed });
  const aheadMs = end === null && spanS <= LONGEST_AHEAD_S ? Math.min((spanS * 1000) / 3, MOST_AHEAD_MS) : 0;
  const iso = (time: number): string => new Date(Math.round(time)).toISOString();
  const span = `start=${iso(until - spanS * 1000)}&end=${iso(until + aheadMs)}`;
  const path = `/v1/trends?series=${names.join(',')}&${span}&points=${POINTS}`;
  const answer = useAnswer<TrendView>(hasPlantTime.value ? path : null);
  const spec = useMemo(
    () => (answer.state === 'good' ? specOf(answer.value, moment.peek().now) : null),
    [answer, incidents.value],
  );
  const zoomed = useCallback(
    (from: number, to: number) => chooseAll(addressOf(between(from, to, moment.peek().now))),
    [],
  );
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  if (spec === null || answer.state !== 'good') return <Waiting what={TREND.waiting()} />;
  return (
    <>
      <Chart spec={spec} label={names.map(seriesName).join('; ')} onZoom={zoomed} />
      <p class="muted foot">
        {[
          `${daySeconds(spec.times[0] ?? 0, zone())} – ${daySeconds(spec.until, zone())}`,
          TREND.step(duration(answer.value.stepS * 1000), names.length === 1),
          ...spec.limits.map(({ label }) => label),
        ].join('; ')}
        <span class="from-tablet">{`; ${TREND.drag()}`}</span>
      </p>
    </>
  );
}

/** What is known of the time to come is shown; where nothing is, the axis ends now. */
function specOf({ start, stepS, items }: TrendView, now: number) {
  const isAhead = items.some(({ planned, forecast }) => planned !== undefined || forecast !== undefined);
  const length = items[0]?.mean.length ?? 0;
  const past = Math.min(length, Math.ceil((now - start) / (1000 * stepS)));
  const count = isAhead ? length : past;
  const times = Array.from({ length: count }, (_, at) => start + at * stepS * 1000);
  const cut = (column: Column): Column => column.slice(0, count);
  // A value is held for a while, though not into the time to come.
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
  return {
    times,
    until: start + count * stepS * 1000,
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
          ({ gateway, startedAt }) => startedAt > start && items.some(({ series }) => series.startsWith(`${gateway}/`)),
        )
        .slice(0, 6)
        .map(({ startedAt, id }) => ({ time: startedAt, label: t('incident {id}', { id }) })),
      ...(isAhead ? [{ time: now, label: TREND.now() }] : []),
    ],
    unit,
    decimals: unit === 'pu' ? 3 : 0,
    height: 420,
  };
}

type Column = TrendView['items'][number]['mean'];

/** Named by what they are of where they differ. */
function limitsOf(items: TrendView['items'], unit: string): { value: number; label: string }[] {
  const of = new Map<number, string[]>();
  for (const { series, limits } of items)
    for (const value of [limits?.high, limits?.low])
      if (value !== undefined && value !== null) of.set(value, [...(of.get(value) ?? []), seriesName(series)]);
  return [...of].map(([value, names]) => ({
    value,
    label: `${names.length === items.length ? '' : `${names.join(', ')}: `}${TREND.limit()} ${unit === 'pu' ? pu(value) : kw(value)} ${unit}`,
  }));
}
