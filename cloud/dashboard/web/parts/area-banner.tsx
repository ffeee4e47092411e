import { lossText } from '../lib/areas.ts';
import { near } from '../lib/zone.ts';
import { losses, sawLosses } from '../state/areas.ts';
import { route } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { controlsOn, moment } from '../state/store.ts';
import { PriorityMark } from './marks.tsx';

const MOST_SHOWN = 3;

/** What others did with areas of whoever is signed in: it stands on every screen until they say that they have seen it. */
export function AreaBanner() {
  const shown = losses.value.slice(0, MOST_SHOWN);
  if (shown.length === 0 || route.value.screen === 'login') return null;
  const more = losses.value.length - shown.length;
  return (
    <section class="alarm-banner" aria-label="What became of your areas">
      <PriorityMark
        level={2}
        label={shown.every(({ how }) => how === 'declined') ? 'still yours' : 'not yours any more'}
      />
      <div class="lost" role="alert">
        {shown.map((loss) => (
          <p key={loss.id}>
            <time>{near(loss.at, moment.value.now, zone())}</time> {lossText(loss)}
          </p>
        ))}
      </div>
      <div class="row">
        {more > 0 && <span class="muted">{`${more} more after these`}</span>}
        <a href="/areas" class="button">
          Areas
        </a>
        <button type="button" disabled={!controlsOn.value} onClick={() => void sawLosses(shown.map(({ id }) => id))}>
          Seen
        </button>
      </div>
    </section>
  );
}
