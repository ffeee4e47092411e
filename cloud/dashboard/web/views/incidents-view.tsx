import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import {
  costText,
  isRecent,
  levelOfIncident,
  limitText,
  pathOf,
  reliefText,
  stateText,
  titleText,
} from '../lib/incident-words.ts';
import { firstPage } from '../lib/incident-list.ts';
import { near } from '../lib/zone.ts';
import { DeskTabs } from '../parts/desk-tabs.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { NewerOlder, usePaged } from '../parts/pages.tsx';
import { useAnswer } from '../state/api.ts';
import { incidents } from '../state/incidents.ts';
import { query } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { moment, substationOf, tick } from '../state/store.ts';
import { Incident } from './incident-view.tsx';
import { t } from '../words/t.ts';

export function IncidentsView({ id }: { id: string }) {
  const device = query.value.get('device') ?? '';
  if (id !== '') return <One id={id} />;
  return device === '' ? <List /> : <OfDevice key={device} device={device} />;
}

export const nameOf = ({ substation }: IncidentView): string => substationOf(substation)?.name ?? substation;

function One({ id }: { id: string }) {
  const live = incidents.value.find((each) => String(each.id) === id);
  const read = useAnswer<IncidentView>(live === undefined ? `/v1/incidents/${encodeURIComponent(id)}` : null);
  const incident = live ?? (read.state === 'good' ? read.value : undefined);
  if (incident !== undefined) return <Incident incident={incident} />;
  return (
    <>
      <h1 tabIndex={-1}>{t('Incident {id}', { id })}</h1>
      {read.state === 'bad' ? <Problem problem={read.problem} /> : <Waiting what={t('the incident')} />}
    </>
  );
}

interface Page {
  readonly items: readonly IncidentView[];
  readonly nextCursor: string | null;
}

function List() {
  const live = incidents.value;
  const paged = usePaged();
  const { cursor } = paged;
  // Open incidents are live whatever their age. If there are many, the live list lacks some of the newest closed ones, so those are read.
  const path = `/v1/incidents?limit=50${cursor === undefined ? '' : `&cursor=${cursor}`}`;
  const read = useAnswer<Page>(path, `${cursor ?? live[0]?.id ?? ''}`);
  const next = read.state === 'good' ? read.value.nextCursor : null;
  const items = read.state === 'good' ? read.value.items : [];
  const all = cursor === undefined ? firstPage(items, live) : items;
  return (
    <>
      <DeskTabs title={t('Incidents')} />
      <Panel
        title={t('Incidents')}
        class="wide"
        aside={<span class="muted">{t('spikes, limits passed, trips, outages')}</span>}
      >
        {cursor !== undefined && read.state === 'loading' && <Waiting what={t('the incidents')} />}
        {read.state === 'bad' && (cursor !== undefined || live.length > 0) && <Problem problem={read.problem} />}
        {all.length === 0 && cursor === undefined && <p class="muted waiting">{t('Nothing has happened.')}</p>}
        {all.length > 0 && <Table all={all} />}
        <NewerOlder paged={paged} next={next} />
      </Panel>
    </>
  );
}

const DAYS = 7;
const HOUR_MS = 3_600_000;
const AGAIN_MS = 5_000;

/** Recent incidents in which a device took part. `device`: `owd-01/battery-1`. */
function OfDevice({ device }: { readonly device: string }) {
  const paged = usePaged();
  const { cursor } = paged;
  // On the hour: the question stays the same between two reads.
  const from = Math.floor(moment.value.now / HOUR_MS - 24 * DAYS) * HOUR_MS;
  const asked = { device, from: new Date(from).toISOString(), ...(cursor === undefined ? {} : { cursor }) };
  const read = useAnswer<Page>(`/v1/incidents?${new URLSearchParams(asked)}`, Math.floor(tick.value / AGAIN_MS));
  const all = read.state === 'good' ? read.value.items : [];
  return (
    <>
      <DeskTabs title={t('Incidents')} />
      <Panel
        title={t('Incidents of {device} in the last {days} days', { device, days: DAYS })}
        class="wide"
        aside={<a href="/incidents">{t('All incidents')}</a>}
      >
        {read.state === 'loading' && <Waiting what={t('the incidents')} />}
        {read.state === 'bad' && <Problem problem={read.problem} />}
        {read.state === 'good' && all.length === 0 && (
          <p class="muted waiting">
            {t(
              '{device} took part in no incident: it relieved none, exceeded no limit, and nobody acted on it during one.',
              {
                device,
              },
            )}
          </p>
        )}
        {all.length > 0 && <Table all={all} />}
        <NewerOlder paged={paged} next={read.state === 'good' ? read.value.nextCursor : null} />
      </Panel>
    </>
  );
}

function Table({ all }: { readonly all: readonly IncidentView[] }) {
  const { now } = moment.value;
  return (
    <table class="data incidents card-rows">
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">{t('Priority')}</span>
          </th>
          <th scope="col">{t('Began')}</th>
          <th scope="col">{t('What, where')}</th>
          <th scope="col">{t('Limit')}</th>
          <th scope="col">{t('Relief')}</th>
          <th scope="col">{t('Cost')}</th>
          <th scope="col">{t('State')}</th>
        </tr>
      </thead>
      <tbody>
        {all.map((incident) => (
          <tr key={incident.id} class={isRecent(incident, now) ? '' : 'gone'}>
            <td class="mark-cell">
              <PriorityMark level={levelOfIncident(incident)} />
            </td>
            <td class="when">{near(incident.startedAt, now, zone())}</td>
            <th scope="row">
              <a href={pathOf(incident)}>{titleText(incident, nameOf(incident))}</a>
            </th>
            <td>{limitText(incident)}</td>
            <td>{reliefText(incident)}</td>
            <td>{costText(incident)}</td>
            <td>{stateText(incident, { now, zone: zone() })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
