import { useState } from 'preact/hooks';
import type { Severity } from '../../../../shared/contracts/event.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { mergeEvents, priorityOf } from '../lib/alarms.ts';
import { fits, isPlanRoutine, KINDS, searchPath, SEVERITIES, type EventFilter } from '../lib/event-filter.ts';
import { plural } from '../lib/format.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useEventSearch, type EventSearch } from '../state/event-search.ts';
import { zone } from '../state/settings.ts';
import { events, loadOlderEvents } from '../state/store.ts';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/events',
  title: 'Events',
  Component: EventsScreen,
  section: 'Events',
  entries: [{ menu: 'main', text: 'Events', at: 60 }],
};

const PAGE = 200;
const MOST_SHOWN = 2000;

/** Everything that happened, newest first, live; what is looked for is found by the cloud, however long ago it was. */
function EventsScreen() {
  const [least, setLeast] = useState<Severity>('info');
  const [kind, setKind] = useState<EventFilter['kind']>('all');
  const [text, setText] = useState('');
  const [end, setEnd] = useState(false);
  const [plans, setPlans] = useState(false);
  const filter = { least, kind, text };
  const path = searchPath(filter, PAGE);
  const search = useEventSearch(path);
  const live = events.value.filter((event) => fits(event, filter));
  const shown =
    path === null
      ? live.filter((event) => plans || !isPlanRoutine(event))
      : mergeEvents(live, search.items, MOST_SHOWN);
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>Events</h1>
      </div>
      <Panel
        title="Log"
        class="wide"
        aside={
          <form class="filters" onSubmit={(event) => event.preventDefault()}>
            <label>
              Kind
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as EventFilter['kind'])}>
                {KINDS.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
            <label>
              Severity from
              <select value={least} onChange={(event) => setLeast(event.currentTarget.value as Severity)}>
                {SEVERITIES.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
            <button
              type="button"
              aria-pressed={plans || path !== null}
              disabled={path !== null}
              title="Lines that tell how each plan went its way"
              onClick={() => setPlans(!plans)}
            >
              Plan lines
            </button>
            <label>
              Search
              <input
                type="search"
                value={text}
                placeholder="source, code, text"
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
          </form>
        }
      >
        <div class="scroll log" tabIndex={0} role="group" aria-label="Event log">
          <table class="data events">
            <thead>
              <tr>
                <th scope="col">
                  <span class="unseen">Priority</span>
                </th>
                <th scope="col">Time</th>
                <th scope="col">Source</th>
                <th scope="col" class="from-tablet">
                  Kind
                </th>
                <th scope="col">What happened</th>
                <th scope="col" class="from-tablet">
                  Code
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((event) => (
                <Row key={event.id} event={event} />
              ))}
            </tbody>
          </table>
          {shown.length === 0 && !search.isBusy && <p class="waiting muted">Nothing fits.</p>}
        </div>
        {search.problem !== null && path !== null && <Problem problem={search.problem} />}
        <div class="row foot">
          {path === null ? (
            <button type="button" disabled={end} onClick={() => void loadOlderEvents().then((more) => setEnd(!more))}>
              {end ? 'No older events' : 'Older events'}
            </button>
          ) : (
            <button type="button" disabled={search.further === undefined} onClick={search.further}>
              Search further back
            </button>
          )}
          <span class="muted" role="status">
            {path === null ? loadedText(shown.length, live.length - shown.length) : foundText(shown.length, search)}
          </span>
        </div>
      </Panel>
    </>
  );
}

const loadedText = (shown: number, hidden: number): string =>
  `${shown} loaded${hidden === 0 ? '' : `, ${plural(hidden, 'plan line')} not shown`}`;

function foundText(count: number, { isBusy, searchedTo, isEnd }: EventSearch): string {
  if (isBusy) return 'Searching';
  if (isEnd) return `${count} found in the whole log`;
  return `${count} found${searchedTo === null ? '' : ` back to ${day(searchedTo, zone())} ${clockSeconds(searchedTo, zone())}`}`;
}

function Row({ event }: { event: EventView }) {
  const gone = event.active === false;
  return (
    <tr class={gone ? 'gone' : ''}>
      <td class="mark-cell">
        {event.kind === 'alarm' && !gone && <PriorityMark level={priorityOf(event.severity)} />}
      </td>
      <td class="when">
        <span class="muted">{day(event.time, zone())}</span> {clockSeconds(event.time, zone())}
      </td>
      <td>{event.source}</td>
      <td class="from-tablet muted">{gone ? `${event.kind}, gone` : event.kind}</td>
      <td class="what">{event.text}</td>
      <td class="from-tablet muted">{event.code}</td>
    </tr>
  );
}
