import type { IncidentView } from '../../../../shared/contracts/incident.ts';

/** Returns all open incidents and the newest others, at most `most` together unless more are open; newest first. */
export function newestIncidents(all: readonly IncidentView[], most: number): IncidentView[] {
  const sorted = all.toSorted((a, b) => b.startedAt - a.startedAt || b.id - a.id);
  const open = sorted.filter(({ endedAt }) => endedAt === null);
  const others = sorted.filter(({ endedAt }) => endedAt !== null).slice(0, Math.max(0, most - open.length));
  const selected = new Set([...open, ...others]);
  return sorted.filter((each) => selected.has(each));
}

/** Returns the first page: the entries read, updated by live ones; newest first. */
export function firstPage(read: readonly IncidentView[], live: readonly IncidentView[]): IncidentView[] {
  const byId = new Map([...read, ...live].map((each) => [each.id, each]));
  return newestIncidents([...byId.values()], Number.POSITIVE_INFINITY);
}
