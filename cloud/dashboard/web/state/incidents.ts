import { computed, signal } from '@preact/signals';
import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { newestIncidents } from '../lib/incident-list.ts';
import { getJson } from './api.ts';

const MOST = 50;

/** All open incidents and the newest others, newest first. */
export const incidents = signal<readonly IncidentView[]>([]);
export const openIncidents = computed(() => incidents.value.filter(({ endedAt }) => endedAt === null));

export function takeIncidents(more: readonly IncidentView[]): void {
  const byId = new Map([...incidents.peek(), ...more].map((each) => [each.id, each]));
  incidents.value = newestIncidents([...byId.values()], MOST);
}

/** After each opening of the stream, reads what was missed. */
export async function readIncidents(): Promise<void> {
  const [newest, open] = await Promise.all(
    ['', '&open=true'].map((more) => getJson<{ items: IncidentView[] }>(`/v1/incidents?limit=${MOST}${more}`)),
  );
  if (newest?.state !== 'good' || open?.state !== 'good') return;
  const found = [...newest.value.items, ...open.value.items];
  // An incident that was open here and is not reported as open has ended.
  const known = new Set(found.map(({ id }) => id));
  incidents.value = incidents.peek().filter(({ id, endedAt }) => endedAt !== null || known.has(id));
  takeIncidents(found);
}
