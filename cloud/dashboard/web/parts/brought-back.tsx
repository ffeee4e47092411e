import { broughtBack } from '../state/shown.ts';
import { PriorityMark } from './marks.tsx';

/** Says why the page has left the past by itself, until it is read. */
export function BroughtBack() {
  if (broughtBack.value === '') return null;
  return (
    <section class="alarm-banner" aria-label="Back to now">
      <PriorityMark level={1} />
      <p role="alert">{`Playback has ended, and this is now: a new alarm came. ${broughtBack.value}`}</p>
      <div class="row">
        <button type="button" onClick={() => (broughtBack.value = '')}>
          Seen
        </button>
      </div>
    </section>
  );
}
