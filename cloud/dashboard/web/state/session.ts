import { computed, signal } from '@preact/signals';
import type { SessionView, StreamMessages } from '../../../../shared/contracts/view.ts';
import { t } from '../words/t.ts';

/** Who is signed in at this page; null until the cloud has said. */
export const session = signal<SessionView | null>(null);

/** What the stream told last of what this reader may do; null: nothing yet. */
export const standing = signal<StreamMessages['session'] | null>(null);

/** Changes with whoever reads and with their rights: what was read for somebody else is read again. */
export const reader = computed(() => `${session.value?.user?.name ?? ''} ${session.value?.rights.join(' ') ?? ''}`);

/** Nobody was at this desk for a while, or they have locked it: it shows, and acts again once they have signed in. */
export const isLocked = computed(() => session.value?.user?.locked === true);

export const may = (right: string): boolean => session.value?.rights.includes(right) === true;

/** Why a control is off for this reader: `who` is an operator, an engineer. */
export const needs = (who: string): string =>
  (session.value?.user ?? null) === null ? t('Needs {who}: sign in.', { who }) : t('Needs {who}.', { who });

/** What goes along with each request that changes something: only this page can know it. */
export const csrfHeader = (): Record<string, string> => {
  const csrf = session.peek()?.csrf ?? null;
  return csrf === null ? {} : { 'x-csrf-token': csrf };
};
