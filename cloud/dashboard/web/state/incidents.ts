import { computed, signal } from '@preact/signals';
import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { getJson } from './api.ts';

const MOST = 50;

/** The newest incidents, newest first. */
export const incidents = signal<readonly IncidentView[]>([]);
export const openIncidents = computed(() => incidents.value.filter(({ endedAt }) => endedAt === null));

export function takeIncidents(more: readonly IncidentView[]): void {
  const byId = new Map([...incidents.peek(), ...more].map((each) => [each.id, each]));
  incidents.value = [...byId.values()].toSorted((a, b) => b.id - a.id).slice(0, MOST);
}

/** After each opening of the stream: what happened meanwhile. */
export async function readIncidents(): Promise<void> {
  const answer = await getJson<{ items: IncidentView[] }>(`/v1/incidents?limit=${MOST}`);
  if (answer.state === 'good') takeIncidents(answer.value.items);
}
