import type { ModelManifest } from '../../../shared/contracts/model.ts';

/** This long before its expiry a model requests a successor, which then only has to be no worse; before that, it has to be better. */
const AGEING_MS = 14 * 86_400_000;

export const isExpired = ({ expiresAt }: Pick<ModelManifest, 'expiresAt'>, now: number): boolean => expiresAt <= now;

/** Models with a short life age in their last quarter. */
export const isAgeing = (
  { createdAt, expiresAt }: Pick<ModelManifest, 'createdAt' | 'expiresAt'>,
  now: number,
): boolean => expiresAt - now < Math.min(AGEING_MS, (expiresAt - createdAt) / 4);
