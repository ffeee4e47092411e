import { computed, signal } from '@preact/signals';
import type { SessionView, StreamMessages } from '../../../../shared/contracts/view.ts';
import { t } from '../words/t.ts';

/** The session of this page; null until the cloud has answered. */
export const session = signal<SessionView | null>(null);

/** The reader's rights as last sent by the stream; null until then. */
export const standing = signal<StreamMessages['session'] | null>(null);

/** Changes with the user and their rights, so that data is read again for them. */
export const reader = computed(() => `${session.value?.user?.name ?? ''} ${session.value?.rights.join(' ') ?? ''}`);

/**
 * The desk is locked, by hand or after inactivity: it shows values and still sends stops and releases; everything else waits for a new
 * sign-in.
 */
export const isLocked = computed(() => session.value?.user?.locked === true);

export const may = (right: string): boolean => session.value?.rights.includes(right) === true;

/** Why a control is off for this reader: `who` is an operator, an engineer. */
export const needs = (who: string): string =>
  (session.value?.user ?? null) === null ? t('Needs {who}: sign in.', { who }) : t('Needs {who}.', { who });

/** Header that every change must carry; only this page can know its value. */
export const csrfHeader = (): Record<string, string> => {
  const csrf = session.peek()?.csrf ?? null;
  return csrf === null ? {} : { 'x-csrf-token': csrf };
};
