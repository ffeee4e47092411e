import { t } from '../words/t.ts';
import { may, needs } from './session.ts';
import { controlsOn } from './store.ts';

/** Why nothing is changed from this page now; undefined: it may be. */
export const whyLost = (): string | undefined =>
  controlsOn.value ? undefined : t('The cloud is lost: controls are off.');

/** Why what operators do is off on this page; undefined: it is on. */
export const whyOff = (): string | undefined => whyLost() ?? (may('operate') ? undefined : needs(t('an operator')));
