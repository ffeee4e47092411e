import type { Act } from './desk.ts';

/** The critical set, which takes two persons: limits relaxed, and what moves the whole fleet; a stop never waits. */
export const isCritical = ({ kind, target }: Pick<Act, 'kind' | 'target'>): boolean =>
  kind === 'emergency' || (target.startsWith('region:') && (kind === 'resume' || kind === 'mode'));

/** What a desk sends though it is locked: what makes the plant safe never waits for a password. */
export const goesOutLocked = ({ kind, mode }: { readonly kind: Act['kind']; readonly mode?: string }): boolean =>
  kind === 'stop' || (kind === 'mode' && mode === 'manual');
