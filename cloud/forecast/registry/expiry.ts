import type { ModelManifest } from '../../../shared/contracts/model.ts';

/** So long before its end a model asks for a successor, which then has to be no worse than it, where else it has to be better. */
const AGEING_MS = 14 * 86_400_000;

export const isExpired = ({ expiresAt }: Pick<ModelManifest, 'expiresAt'>, now: number): boolean => expiresAt <= now;

/** Shorter lives age in their last quarter. */
export const isAgeing = (
  { createdAt, expiresAt }: Pick<ModelManifest, 'createdAt' | 'expiresAt'>,
  now: number,
): boolean => expiresAt - now < Math.min(AGEING_MS, (expiresAt - createdAt) / 4);
