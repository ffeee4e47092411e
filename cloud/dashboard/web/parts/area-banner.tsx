import { lossText } from '../lib/areas.ts';
import { near } from '../lib/zone.ts';
import { confirmLosses, losses } from '../state/areas.ts';
import { route } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { controlsOn, moment } from '../state/store.ts';
import { PriorityMark } from './marks.tsx';
import { t } from '../words/t.ts';

const MOST_SHOWN = 3;

/** What others did with areas of the signed-in user; shown on every screen until the user confirms it. */
export function AreaBanner() {
  const shown = losses.value.slice(0, MOST_SHOWN);
  if (shown.length === 0 || route.value.screen === 'login') return null;
  const more = losses.value.length - shown.length;
  return (
    <section class="alarm-banner" aria-label={t('What happened to your areas')}>
      <PriorityMark
        level={2}
        label={shown.every(({ how }) => how === 'declined') ? t('still yours') : t('not yours any more')}
      />
      <div class="lost" role="alert">
        {shown.map((loss) => (
          <p key={loss.id}>
            <time>{near(loss.at, moment.value.now, zone())}</time> {lossText(loss)}
          </p>
        ))}
      </div>
      <div class="row">
        {more > 0 && <span class="muted">{t('{more} more after these', { more })}</span>}
        <a href="/areas" class="button">
          {t('Areas')}
        </a>
        <button
          type="button"
          disabled={!controlsOn.value}
          onClick={() => void confirmLosses(shown.map(({ id }) => id))}
        >
          {t('Seen')}
        </button>
      </div>
    </section>
  );
}
