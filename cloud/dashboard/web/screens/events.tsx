import { useState } from 'preact/hooks';
import type { Severity } from '../../../../shared/contracts/event.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { mergeEvents, priorityOf } from '../lib/alarms.ts';
import { fits, isPlanRoutine, KINDS, searchPath, SEVERITIES, type EventFilter } from '../lib/event-filter.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useEventSearch, type EventSearch } from '../state/event-search.ts';
import { zone } from '../state/settings.ts';
import { events, loadOlderEvents } from '../state/store.ts';
import type { Screen } from '../lib/screen.ts';
import { language, saidOf, t, translate } from '../words/t.ts';

export const screen: Screen = {
  path: '/events',
  title: 'Events',
  Component: EventsScreen,
  section: 'Events',
  entries: [{ menu: 'main', text: 'Events', at: 60 }],
};

const PAGE = 200;
const MOST_SHOWN = 2000;

/** All events, newest first, live; the cloud searches the whole log. */
function EventsScreen() {
  const [least, setLeast] = useState<Severity>('info');
  const [kind, setKind] = useState<EventFilter['kind']>('all');
  const [text, setText] = useState('');
  const [end, setEnd] = useState(false);
  const [plans, setPlans] = useState(false);
  const filter = { least, kind, text };
  const path = searchPath(filter, PAGE, language());
  const search = useEventSearch(path);
  const live = events.value.filter((event) => fits(event, filter, saidOf));
  const shown =
    path === null
      ? live.filter((event) => plans || !isPlanRoutine(event))
      : mergeEvents(
          live,
          // For a word that occurs in very many sentences, the cloud returns more than what matches.
          search.items.filter((event) => fits(event, filter, saidOf)),
          MOST_SHOWN,
        );
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Events')}</h1>
      </div>
      <Panel
        title={t('Log')}
        class="wide"
        aside={
          <form class="filters" onSubmit={(event) => event.preventDefault()}>
            <label>
              {t('Kind')}
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as EventFilter['kind'])}>
                {KINDS.map((each) => (
                  <option key={each} value={each}>
                    {translate(each)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {t('Severity from')}
              <select value={least} onChange={(event) => setLeast(event.currentTarget.value as Severity)}>
                {SEVERITIES.map((each) => (
                  <option key={each} value={each}>
                    {translate(each)}
                  </option>
                ))}
              </select>
            </label>
            <button
              type="button"
              aria-pressed={plans || path !== null}
              disabled={path !== null}
              title={t('Lines about the progress of each plan')}
              onClick={() => setPlans(!plans)}
            >
              {t('Plan lines')}
            </button>
            <label>
              {t('Search')}
              <input
                type="search"
                value={text}
                placeholder={t('source, code, text')}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
          </form>
        }
      >
        <div class="scroll log" tabIndex={0} role="group" aria-label={t('Event log')}>
          <table class="data events">
            <thead>
              <tr>
                <th scope="col">
                  <span class="unseen">{t('Priority')}</span>
                </th>
                <th scope="col">{t('Time')}</th>
                <th scope="col">{t('Source')}</th>
                <th scope="col" class="from-tablet">
                  {t('Kind')}
                </th>
                <th scope="col">{t('What happened')}</th>
                <th scope="col" class="from-tablet">
                  {t('Code')}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((event) => (
                <Row key={event.id} event={event} />
              ))}
            </tbody>
          </table>
          {shown.length === 0 && !search.isBusy && <p class="waiting muted">{t('Nothing matches.')}</p>}
        </div>
        {search.problem !== null && path !== null && <Problem problem={search.problem} />}
        <div class="row foot">
          {path === null ? (
            <button type="button" disabled={end} onClick={() => void loadOlderEvents().then((more) => setEnd(!more))}>
              {end ? t('No older events') : t('Older events')}
            </button>
          ) : (
            <button type="button" disabled={search.further === undefined} onClick={search.further}>
              {t('Search further back')}
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
  t('{shown} loaded{hidden}', {
    shown,
    hidden: hidden === 0 ? '' : t(', {hidden, plural, one {# plan line} other {# plan lines}} not shown', { hidden }),
  });

function foundText(count: number, { isBusy, searchedTo, isEnd }: EventSearch): string {
  if (isBusy) return t('Searching');
  if (isEnd) return t('{count} found in the whole log', { count });
  return t('{count} found{day}', {
    count,
    day:
      searchedTo === null
        ? ''
        : ` ${t('back to {day} {time}', { day: day(searchedTo, zone()), time: clockSeconds(searchedTo, zone()) })}`,
  });
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
      <td class="from-tablet muted">
        {gone ? t('{kind}, gone', { kind: translate(event.kind) }) : translate(event.kind)}
      </td>
      <td class="what">{saidOf(event)}</td>
      <td class="from-tablet muted">{event.code}</td>
    </tr>
  );
}
