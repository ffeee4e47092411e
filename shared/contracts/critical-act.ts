import type { Act } from './desk.ts';

/** The critical set, which requires two persons: relaxed limits, and acts on the whole fleet. A stop never waits. */
export const isCritical = ({ kind, target }: Pick<Act, 'kind' | 'target'>): boolean =>
  kind === 'emergency' || (target.startsWith('region:') && (kind === 'resume' || kind === 'mode'));

/** Acts that a locked desk may still send: making the plant safe never waits for a password. */
export const goesOutLocked = ({ kind, mode }: { readonly kind: Act['kind']; readonly mode?: string }): boolean =>
  kind === 'stop' || (kind === 'mode' && mode === 'manual');
