import { t } from '../words/t.ts';
import { isLocked, may, needs } from './session.ts';
import { cloudLink } from './stream.ts';

/** Returns why this page cannot change anything now; undefined if it can. `goesOutLocked`: the act is allowed from a locked desk. */
export const whyLost = (goesOutLocked = false): string | undefined => {
  if (cloudLink.value !== 'up') return t('The cloud is lost: controls are off.');
  return isLocked.value && !goesOutLocked ? t('This desk is locked: sign in again.') : undefined;
};

/** Returns why operators' controls are off on this page; undefined if they are on. */
export const whyOff = (goesOutLocked = false): string | undefined =>
  whyLost(goesOutLocked) ?? (may('operate') ? undefined : needs(t('an operator')));
