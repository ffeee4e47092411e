import { NO_ALARMS } from '../lib/alarms.ts';
import { alarmDesk } from '../state/store.ts';
import { cloudLink } from '../state/stream.ts';
import { PriorityMark } from './marks.tsx';
import { t } from '../words/t.ts';

/** Number of standing alarms by priority. */
export function AlarmCounts() {
  const counts = alarmDesk.value?.standing ?? NO_ALARMS;
  const standing = ([1, 2, 3] as const).filter((priority) => counts[priority] > 0);
  return (
    <span class={`counts${cloudLink.value === 'lost' ? ' is-stale' : ''}`}>
      {standing.map((priority) => (
        <span key={priority} class="count">
          <PriorityMark level={priority} label={t('priority {priority} alarms:', { priority })} />
          {counts[priority]}
        </span>
      ))}
    </span>
  );
}
