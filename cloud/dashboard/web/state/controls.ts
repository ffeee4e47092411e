import { t } from '../words/t.ts';
import { isLocked, may, needs } from './session.ts';
import { cloudLink } from './stream.ts';

/** Why nothing is changed from this page now; undefined: it may be. `goesOutLocked`: of what a locked desk sends too. */
export const whyLost = (goesOutLocked = false): string | undefined => {
  if (cloudLink.value !== 'up') return t('The cloud is lost: controls are off.');
  return isLocked.value && !goesOutLocked ? t('This desk is locked: sign in again.') : undefined;
};

/** Why what operators do is off on this page; undefined: it is on. */
export const whyOff = (goesOutLocked = false): string | undefined =>
  whyLost(goesOutLocked) ?? (may('operate') ? undefined : needs(t('an operator')));
