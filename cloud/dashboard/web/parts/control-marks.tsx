import type { ControlView } from '../../../../shared/contracts/view.ts';
import { controlText, ranked } from '../lib/control-words.ts';
import { duration } from '../lib/format.ts';
import { playedBack, shownMoment } from '../state/shown.ts';
import { cloudLink } from '../state/stream.ts';
import { t } from '../words/t.ts';

/** Number of items shown; the rest are counted. */
const MOST = 6;

/** What the plan does not control: modes, overrides with their remaining time, stops, tags, and active guards. */
export function ControlMarks({
  items,
  most = MOST,
}: {
  /** `place`: the substation, if several are shown. */
  items: readonly (ControlView & { readonly place?: string })[];
  most?: number;
}) {
  if (items.length === 0) return null;
  return (
    <ul
      class={`control-marks${cloudLink.value === 'lost' && playedBack.value === null ? ' is-stale' : ''}`}
      aria-label={t('Not left to the plan')}
    >
      {ranked(items)
        .slice(0, most)
        .map((each) => (
          <li key={`${each.place ?? ''} ${each.kind} ${each.feeder ?? ''} ${each.device ?? ''}`} class="flag">
            {controlText(each)}
            {each.place !== undefined && `, ${each.place}`}
            {each.until !== null && (
              <>
                {', '}
                <span role="timer">{t('{until} left', { until: duration(each.until - shownMoment.value.now) })}</span>
              </>
            )}
          </li>
        ))}
      {items.length > most && (
        <li>
          <a href="/desk">{t('{items} more', { items: items.length - most })}</a>
        </li>
      )}
    </ul>
  );
}
