import { broughtBack } from '../state/shown.ts';
import { PriorityMark } from './marks.tsx';
import { t } from '../words/t.ts';

/** Explains why the page left the past by itself, until the user confirms. */
export function BroughtBack() {
  if (broughtBack.value === '') return null;
  return (
    <section class="alarm-banner" aria-label={t('Back to now')}>
      <PriorityMark level={1} />
      <p role="alert">
        {t('Playback has ended, and this is now: a new alarm came. {why}', { why: broughtBack.value })}
      </p>
      <div class="row">
        <button type="button" onClick={() => (broughtBack.value = '')}>
          {t('Seen')}
        </button>
      </div>
    </section>
  );
}
