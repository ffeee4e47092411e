import { computed, signal } from '@preact/signals';
import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { newestIncidents } from '../lib/incident-list.ts';
import { LiveIds } from '../lib/live-ids.ts';
import { getAll, getJson } from './api.ts';

const MOST = 50;

/** All open incidents and the newest others, newest first. */
export const incidents = signal<readonly IncidentView[]>([]);
export const openIncidents = computed(() => incidents.value.filter(({ endedAt }) => endedAt === null));

const live = new LiveIds<number>();

/** Takes a live message. */
export function takeIncident(incident: IncidentView): void {
  live.add(incident.id);
  put([incident]);
}

function put(more: readonly IncidentView[]): void {
  const byId = new Map([...incidents.peek(), ...more].map((each) => [each.id, each]));
  incidents.value = newestIncidents([...byId.values()], MOST);
}

/** After each opening of the stream, reads what was missed. */
export async function readIncidents(): Promise<void> {
  const [[newest, open], newer] = await live.during(() =>
    Promise.all([
      getJson<{ items: IncidentView[] }>(`/v1/incidents?limit=${MOST}`),
      getAll<IncidentView>('/v1/incidents?limit=200&open=true'),
    ]),
  );
  if (newest.state !== 'good' || open === null) return;
  const found = [...newest.value.items, ...open].filter(({ id }) => !newer.has(id));
  // An incident that was open here and is not reported as open has ended.
  const known = new Set([...newer, ...found.map(({ id }) => id)]);
  incidents.value = incidents.peek().filter(({ id, endedAt }) => endedAt !== null || known.has(id));
  put(found);
}
