import { foremost } from '../lib/alarms.ts';
import { near } from '../lib/zone.ts';
import { acknowledge } from '../state/alarm-acts.ts';
import { concernsMe, holderElsewhere } from '../state/areas.ts';
import { whyLost } from '../state/controls.ts';
import { route } from '../state/route.ts';
import { may } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { silence, sounding } from '../state/sound.ts';
import { alarmDesk, controlsOn, moment } from '../state/store.ts';
import { cloudLink } from '../state/stream.ts';
import { AlarmSaid } from './alarm-said.tsx';
import { PriorityMark } from './marks.tsx';
import { saidOf, t } from '../words/t.ts';

/** The most urgent unacknowledged alarm with links to its control, on every screen except the list of alarms. */
export function AlarmBanner() {
  const first = foremost(alarmDesk.value, concernsMe);
  const { screen } = route.value;
  if (first === null || screen === 'alarms' || screen === 'login') return null;
  const { alarm, more, flood } = first;
  const other = holderElsewhere(alarm);
  return (
    <section class="alarm-banner" aria-label={t('Newest alarm')}>
      <PriorityMark level={alarm.priority} />
      <p role="status" class={cloudLink.value === 'lost' ? 'is-stale' : ''} title={saidOf(alarm)}>
        {flood && <b class="flood">{t('Alarm flood')} </b>}
        <time>{alarm.raisedAt === null ? '' : near(alarm.raisedAt, moment.value.now, zone())}</time>{' '}
        <b>{alarm.source}</b> <AlarmSaid alarm={alarm} />
      </p>
      <div class="row">
        {more > 0 && <a href="/alarms">{t('{more, plural, one {# more} other {# more}}', { more })}</a>}
        <a href={alarm.control} class="button">
          {t('Go to control')}
        </a>
        {other !== undefined && <span class="muted">{t('held by {other}', { other })}</span>}
        {may('operate') && other === undefined && (
          <button
            type="button"
            disabled={!controlsOn.value}
            title={whyLost()}
            onClick={() => void acknowledge([alarm.id])}
          >
            {t('Acknowledge')}
          </button>
        )}
        {sounding.value !== null && (
          <button type="button" class="quiet" onClick={silence}>
            {t('Silence')}
          </button>
        )}
      </div>
    </section>
  );
}
