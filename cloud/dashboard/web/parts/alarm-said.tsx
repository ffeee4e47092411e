import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { saidOf, t } from '../words/t.ts';

interface AlarmProps {
  readonly alarm: AlarmView;
}

/** Text of an alarm, and since when its condition is gone. */
export const AlarmSaid = ({ alarm }: AlarmProps) => (
  <>
    {saidOf(alarm)} <GoneSince alarm={alarm} />
  </>
);

/** The text gives the last value beyond the limit, so the tag says since when it is no longer beyond. */
export function GoneSince({ alarm: { goneSince } }: AlarmProps) {
  if (goneSince === undefined) return null;
  return <span class="tag">{t('gone since {time}', { time: near(goneSince, moment.value.now, zone()) })}</span>;
}
