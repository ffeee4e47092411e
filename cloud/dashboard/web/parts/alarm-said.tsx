import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { saidOf, t } from '../words/t.ts';

interface AlarmProps {
  readonly alarm: AlarmView;
}

/** What an alarm says, and since when that is over. */
export const AlarmSaid = ({ alarm }: AlarmProps) => (
  <>
    {saidOf(alarm)} <GoneSince alarm={alarm} />
  </>
);

/** The sentence tells the last value that was past its limit: beside it stands since when it is not any more. */
export function GoneSince({ alarm: { goneSince } }: AlarmProps) {
  if (goneSince === undefined) return null;
  return <span class="tag">{t('gone since {time}', { time: near(goneSince, moment.value.now, zone()) })}</span>;
}
