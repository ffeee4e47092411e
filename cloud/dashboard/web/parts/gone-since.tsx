import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { t } from '../words/t.ts';

/** The sentence tells the last value that was past its limit: beside it stands since when it is not any more. */
export function GoneSince({ alarm: { goneSince } }: { readonly alarm: AlarmView }) {
  if (goneSince === undefined) return null;
  return <span class="tag">{t('gone since {time}', { time: near(goneSince, moment.value.now, zone()) })}</span>;
}
