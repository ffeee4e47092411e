import type { IncidentView } from '../../../../shared/contracts/incident.ts';

/** All that go on, and of the others the newest, so many together; newest first. */
export function newestIncidents(all: readonly IncidentView[], most: number): IncidentView[] {
  const sorted = all.toSorted((a, b) => b.startedAt - a.startedAt || b.id - a.id);
  const open = sorted.filter(({ endedAt }) => endedAt === null);
  const others = sorted.filter(({ endedAt }) => endedAt !== null).slice(0, Math.max(0, most - open.length));
  const kept = new Set([...open, ...others]);
  return sorted.filter((each) => kept.has(each));
}
