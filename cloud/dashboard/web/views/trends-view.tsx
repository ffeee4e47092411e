import { useMemo } from 'preact/hooks';
import type { TrendView } from '../../../../shared/contracts/trend.ts';
import { duration } from '../lib/format.ts';
import { SPANS, seriesName, TREND, unitOf } from '../lib/trend-words.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { incidents } from '../state/incidents.ts';
import { choose, query } from '../state/route.ts';
import { hasPlantTime, moment, region } from '../state/store.ts';

const COLOURS = ['--chart-actual', '--chart-forecast', '--chart-limit', '--fill'] as const;
const MOST = COLOURS.length;
const POINTS = 400;
const DEFAULT_S = 1800;
/** So many times in its span a trend is read anew. */
const LOOKS = 60;
const LEAST_LOOK_MS = 4_000;

/** Measured values over a span to now, several of one unit on one axis, with limits and incidents. */
export function TrendsView() {
  const names = (query.value.get('series') ?? '').split(',').filter((each) => each !== '');
  const spanS = Number(query.value.get('span')) || DEFAULT_S;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{TREND.title}</h1>
        <Choices names={names} spanS={spanS} />
      </div>
      <Panel title={names.map(seriesName).join('; ') || TREND.title} class="wide" label={TREND.title}>
        {names.length === 0 ? <p class="muted waiting">{TREND.none}</p> : <Curves names={names} spanS={spanS} />}
      </Panel>
    </>
  );
}

function Choices({ names, spanS }: { names: readonly string[]; spanS: number }) {
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
      <label>
        {TREND.span}
        <select value={String(spanS)} onChange={(event) => choose('span', event.currentTarget.value)}>
          {SPANS.map(([text, seconds]) => (
            <option key={text} value={String(seconds)}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {names.length < MOST && (
        <label>
          {TREND.add}
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

function Curves({ names, spanS }: { names: readonly string[]; spanS: number }) {
  const { now, speed } = moment.value;
  const lookMs = Math.max((spanS * 1000) / LOOKS, LEAST_LOOK_MS * Math.max(1, speed));
  const end = Math.ceil(now / lookMs) * lookMs;
  const iso = (time: number): string => new Date(Math.round(time)).toISOString();
  const path = `/v1/trends?series=${names.join(',')}&start=${iso(end - spanS * 1000)}&end=${iso(end)}&points=${POINTS}`;
  const answer = useAnswer<TrendView>(hasPlantTime.value ? path : null);
  const spec = useMemo(() => (answer.state === 'good' ? specOf(answer.value, names) : null), [answer, names.join()]);
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  if (spec === null || answer.state !== 'good') return <Waiting what={TREND.waiting} />;
  return (
    <>
      <Chart spec={spec} label={names.map(seriesName).join('; ')} />
      <p class="muted foot">{TREND.step(duration(answer.value.stepS * 1000))}</p>
    </>
  );
}

function specOf({ start, stepS, items }: TrendView, names: readonly string[]) {
  const times = (items[0]?.mean ?? []).map((_, at) => start + at * stepS * 1000);
  const lines = items.map(({ series, mean }, at) => ({
    label: seriesName(series),
    column: mean,
    colour: COLOURS[at] ?? COLOURS[0],
    width: 1.6,
  }));
  const edges = items.length === 1 ? items.flatMap(({ min, max }) => [edge('Most', max), edge('Least', min)]) : [];
  const unit = unitOf(names[0] ?? '');
  return {
    times,
    lines: [...lines, ...edges],
    bands: edges.length === 0 ? [] : [{ between: [1, 2] as const, colour: '--chart-band' }],
    limits: limitsOf(names),
    marks: incidents.value
      .filter(({ gateway, startedAt }) => startedAt > start && names.some((name) => name.startsWith(`${gateway}/`)))
      .slice(0, 6)
      .map(({ startedAt, id }) => ({ time: startedAt, label: `incident ${id}` })),
    unit,
    decimals: unit === 'pu' ? 3 : 0,
    height: 420,
  };
}

const edge = (label: string, column: TrendView['items'][number]['min']) => ({
  label,
  column,
  colour: '--chart-forecast',
  edge: true,
});

/** Of a transformer, where it stands alone. */
function limitsOf(names: readonly string[]): { value: number; label: string }[] {
  const own = region.value?.substations.find(({ series }) => names.length === 1 && series === names[0]);
  if (own === undefined) return [];
  const { importKw, exportKw } = own.limits;
  return [
    { value: importKw, label: `import limit ${Math.round(importKw)} kW` },
    { value: -exportKw, label: `feed-in limit ${Math.round(exportKw)} kW` },
  ];
}
