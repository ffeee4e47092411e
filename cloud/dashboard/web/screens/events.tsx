import { useState } from 'preact/hooks';
import type { Severity } from '../../../../shared/contracts/event.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { priorityOf } from '../lib/alarms.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Panel } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import { events, loadOlderEvents } from '../state/store.ts';

const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high'];
const KINDS = ['all', 'alarm', 'event', 'outcome', 'audit'] as const;
type KindChoice = (typeof KINDS)[number];

/** Everything that happened, newest first, live. */
export function EventsScreen() {
  const [least, setLeast] = useState<Severity>('info');
  const [kind, setKind] = useState<KindChoice>('all');
  const [text, setText] = useState('');
  const [end, setEnd] = useState(false);
  const shown = events.value.filter((event) => fits(event, { least, kind, text: text.toLowerCase() }));
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
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as KindChoice)}>
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
          {shown.length === 0 && (
            <p class="waiting muted">Nothing fits among what is loaded. Older events are loaded below.</p>
          )}
        </div>
        <div class="row foot">
          <button type="button" disabled={end} onClick={() => void loadOlderEvents().then((more) => setEnd(!more))}>
            {end ? 'No older events' : 'Older events'}
          </button>
          <span class="muted" role="status">{`${shown.length} of ${events.value.length} loaded`}</span>
        </div>
      </Panel>
    </>
  );
}

interface Filter {
  readonly least: Severity;
  readonly kind: KindChoice;
  readonly text: string;
}

const fits = (event: EventView, { least, kind, text }: Filter): boolean =>
  SEVERITIES.indexOf(event.severity) >= SEVERITIES.indexOf(least) &&
  (kind === 'all' || event.kind === kind) &&
  (text === '' ||
    `${event.source} ${event.code} ${event.text} ${event.device ?? ''} ${event.subject ?? ''}`
      .toLowerCase()
      .includes(text));

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
