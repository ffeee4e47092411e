import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import {
  incidentsOf,
  isHeard,
  isRecent,
  jumpText,
  levelOfIncident,
  limitText,
  pathOf,
  reliefText,
  screenOf,
  stateText,
  titleText,
} from '../lib/incident-words.ts';
import { near } from '../lib/zone.ts';
import { incidents } from '../state/incidents.ts';
import { zone } from '../state/settings.ts';
import { moment, substationOf } from '../state/store.ts';
import { cloudLink } from '../state/stream.ts';
import { PriorityMark } from './marks.tsx';
import { t } from '../words/t.ts';

/** Number shown on the overview; the rest are behind a link. */
const MOST = 2;

/** Recent incidents: what happened where, what relieved it, and whether it is over. Shows nothing without an incident. */
export function Stories() {
  const { now } = moment.value;
  const recent = incidents.value
    .filter((each) => isRecent(each, now))
    .toSorted((a, b) => Number(b.endedAt === null) - Number(a.endedAt === null) || b.startedAt - a.startedAt);
  if (recent.length === 0) return null;
  return (
    <section class="stories" aria-label={t('What happened')}>
      {recent.slice(0, MOST).map((incident) => (
        <Story key={incident.id} incident={incident} />
      ))}
      {recent.length > MOST && (
        <a class="more" href="/incidents">
          {t('{recent} more', { recent: recent.length - MOST })}
        </a>
      )}
    </section>
  );
}

/** The incident of a feeder or substation, while it lasts and for a while after. */
export function PlaceStories(place: { substation: string; feeder?: string }) {
  const { now } = moment.value;
  const found = incidentsOf(incidents.value, place).find((each) => isRecent(each, now));
  if (found === undefined) return null;
  return (
    <section class="stories" aria-label={t('What happened here')}>
      <Story incident={found} />
    </section>
  );
}

function Story({ incident }: { incident: IncidentView }) {
  const { now } = moment.value;
  const jump = jumpText(incident);
  const isOld = cloudLink.value === 'lost' || (incident.endedAt === null && !isHeard(incident));
  return (
    <article class={`story${incident.endedAt === null ? ' open' : ''}${isOld ? ' is-stale' : ''}`}>
      <PriorityMark level={levelOfIncident(incident)} />
      <p>
        <a class="strong" href={screenOf(incident)}>
          {titleText(incident, substationOf(incident.substation)?.name ?? incident.substation)}
        </a>{' '}
        <span class="muted">{`${near(incident.startedAt, now, zone())}, ${stateText(incident, { now, zone: zone() })}.`}</span>{' '}
        {jump !== null && <span>{`${jump} `}</span>}
        <span>{`${limitText(incident)} `}</span>
        <b>{reliefText(incident)}</b>
      </p>
      <a class="button quiet" href={pathOf(incident)}>
        {t('Incident {id}', { id: incident.id })}
      </a>
    </article>
  );
}
