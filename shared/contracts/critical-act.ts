import type { Act } from './desk.ts';

/** The critical set, which takes two persons: limits relaxed, and what moves the whole fleet; a stop never waits. */
export const isCritical = ({ kind, target }: Pick<Act, 'kind' | 'target'>): boolean =>
  kind === 'emergency' || (target.startsWith('region:') && (kind === 'resume' || kind === 'mode'));
