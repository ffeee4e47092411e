import { useEffect, useRef } from 'preact/hooks';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { concernsMe } from '../state/areas.ts';
import { go } from '../state/route.ts';
import { broughtBack } from '../state/shown.ts';
import { alarms } from '../state/store.ts';
import { saidOf } from '../words/t.ts';

const isUrgent = (alarm: AlarmView): boolean =>
  alarm.priority === 1 && alarm.state === 'unacknowledged' && concernsMe(alarm);
const keyOf = ({ id, raisedAt }: AlarmView): string => `${id} ${raisedAt ?? 0}`;

/** A new alarm of the highest priority brings the page back to now, and says so. What stood when the past was opened does not. */
export function useWayBack(id: string): void {
  const known = useRef<Set<string> | null>(null);
  const standing = alarms.value;
  useEffect(() => {
    const urgent = standing.filter(isUrgent);
    const added = known.current === null ? undefined : urgent.find((alarm) => !known.current!.has(keyOf(alarm)));
    known.current = new Set([...(known.current ?? []), ...urgent.map(keyOf)]);
    if (added === undefined) return;
    broughtBack.value = `${added.source}: ${saidOf(added)}`;
    go(id === '' ? '/' : `/feeders/${id}`);
  }, [standing]);
}
