import { useEffect, useRef } from 'preact/hooks';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { concernsMe } from '../state/areas.ts';
import { go } from '../state/route.ts';
import { broughtBack } from '../state/shown.ts';
import { alarmDesk } from '../state/store.ts';
import { saidOf } from '../words/t.ts';

const isUrgent = ({ priority, state }: AlarmView): boolean => priority === 1 && state === 'unacknowledged';
const keyOf = ({ id, raisedAt }: AlarmView): string => `${id} ${raisedAt ?? 0}`;

/**
 * A new alarm of the highest priority brings the page back to now and says so. Alarms that stood when playback was opened, or when the page
 * first received alarms, do not.
 */
export function useReturnToLive(id: string): void {
  const known = useRef<ReadonlySet<string> | null>(null);
  const desk = alarmDesk.value;
  useEffect(() => {
    if (desk === null) return;
    const urgent = desk.alarms.filter(isUrgent);
    const before = known.current;
    known.current = new Set([...(before ?? []), ...urgent.map(keyOf)]);
    const added = before === null ? undefined : urgent.find((alarm) => !before.has(keyOf(alarm)) && concernsMe(alarm));
    if (added === undefined) return;
    broughtBack.value = `${added.source}: ${saidOf(added)}`;
    go(id === '' ? '/' : `/feeders/${id}`);
  }, [desk]);
}
