import { useCallback, useMemo } from 'preact/hooks';
import type { TrendView } from '../../../../shared/contracts/trend.ts';
import { duration } from '../lib/format.ts';
import { lookedTo } from '../lib/look.ts';
import { addressOf, between, windowOf, type TrendWindow } from '../lib/trend-window.ts';
import { seriesName, TREND } from '../lib/trend-words.ts';
import { daySeconds } from '../lib/zone.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { useTrendEvents } from '../state/trend-events.ts';
import { incidents } from '../state/incidents.ts';
import { chooseAll, query } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { hasPlantTime, moment } from '../state/store.ts';
import { newest } from '../lib/trend-events.ts';
import { Choices, Times } from './trend-choices.tsx';
import { EventList } from './trend-events.tsx';
import { isEmpty, specsOf } from './trend-spec.ts';

const POINTS = 400;
/** The chart shows a third more of the future, up to a day. Beyond this span that would not be visible. */
const LONGEST_AHEAD_S = 7 * 86_400;
const MOST_AHEAD_MS = 86_400_000;

/**
 * Measured values over a past span or up to now: values of one unit share an axis, other units have axes below, with limits, plan,
 * forecast, incidents and events.
 */
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
      {names.length === 0 ? (
        <Panel title={TREND.title()} class="wide">
          <p class="muted waiting">{TREND.none()}</p>
        </Panel>
      ) : (
        <Curves names={names} window={window} />
      )}
    </>
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
  const events = useTrendEvents(names, { start: until - spanS * 1000, end: end ?? Math.max(until, now) }, end);
  const numbered = newest(events.items);
  const specs = useMemo(
    () => (answer.state === 'good' ? specsOf(answer.value, { now: moment.peek().now, events: numbered }) : []),
    [answer, incidents.value, numbered.map(({ id }) => id).join()],
  );
  const zoomed = useCallback((from: number, to: number) => {
    const next = between(from, to, moment.peek().now);
    if (next !== undefined) chooseAll(addressOf(next));
  }, []);
  const [first] = specs;
  const title = names.map(seriesName).join('; ');
  if (answer.state !== 'good')
    return (
      <Panel title={title} class="wide" label={TREND.title()}>
        {answer.state === 'bad' ? <Problem problem={answer.problem} /> : <Waiting what={TREND.waiting()} />}
      </Panel>
    );
  return (
    <>
      <Panel title={title} class="wide" label={TREND.title()}>
        {specs.map((spec) => (
          <Chart key={spec.label} spec={spec} label={spec.label} onZoom={zoomed} />
        ))}
        <p class="muted foot">
          {[
            `${daySeconds(first?.times[0] ?? 0, zone())} – ${daySeconds(first?.until ?? 0, zone())}`,
            TREND.step(
              duration(answer.value.stepS * 1000),
              specs.some(({ bands }) => bands.length > 0),
            ),
            ...specs.flatMap(({ limits }) => limits.map(({ label }) => label)),
            ...answer.value.items.filter(isEmpty).map(({ series }) => TREND.empty(seriesName(series))),
          ].join('; ')}
          <span class="from-tablet">{`; ${TREND.drag()}`}</span>
        </p>
      </Panel>
      <EventList events={events} />
    </>
  );
}
