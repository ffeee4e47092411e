import type { EventView } from '../../../../shared/contracts/view.ts';
import { priorityOf } from '../lib/alarms.ts';
import { newest } from '../lib/trend-events.ts';
import { TREND } from '../lib/trend-words.ts';
import { daySeconds } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import type { TrendEvents } from '../state/trend-events.ts';
import { saidOf, t, translate } from '../words/t.ts';

/** Events in the span of the curves, by the numbers on the chart. */
export function EventList({ events: { items, from, problem, isRead, isQuiet } }: { events: TrendEvents }) {
  const shown = newest(items);
  return (
    <Panel title={TREND.happened()} class="wide" aside={<a href="/events">{t('Events')}</a>}>
      {problem !== null && <Problem problem={problem} />}
      {shown.length === 0 && !isRead && <Waiting what={TREND.waitingEvents()} />}
      {isQuiet && <p class="muted waiting">{TREND.quiet()}</p>}
      {shown.length > 0 && (
        <ol class="trend-events">
          {shown.map((event, at) => (
            <Row key={event.id} event={event} number={at + 1} />
          ))}
        </ol>
      )}
      {shown.length < items.length && (
        <p class="muted foot">{t('and {total} more', { total: items.length - shown.length })}</p>
      )}
      {from !== null && <p class="muted foot">{TREND.lookedTo(daySeconds(from, zone()))}</p>}
    </Panel>
  );
}

function Row({ event, number }: { event: EventView; number: number }) {
  const isAlarm = event.kind === 'alarm' && event.active !== false;
  return (
    <li>
      <b>{number}</b>
      <span class="when muted">{daySeconds(event.time, zone())}</span>
      <span class="what">
        {isAlarm && <PriorityMark level={priorityOf(event.severity)} />}
        {event.active === false && (
          <span class="muted">{`${t('{kind}, gone', { kind: translate(event.kind) })}: `}</span>
        )}
        {saidOf(event)}
      </span>
    </li>
  );
}
