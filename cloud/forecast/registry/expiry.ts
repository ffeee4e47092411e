import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { RegistryEntry } from './registry.ts';

/** This long before its expiry a model requests a successor, which then only has to be no worse; before that, it has to be better. */
const AGEING_MS = 14 * 86_400_000;

export const isExpired = ({ expiresAt }: Pick<ModelManifest, 'expiresAt'>, now: number): boolean => expiresAt <= now;

/** Models with a short life age in their last quarter. */
export const isAgeing = (
  { createdAt, expiresAt }: Pick<ModelManifest, 'createdAt' | 'expiresAt'>,
  now: number,
): boolean => expiresAt - now < Math.min(AGEING_MS, (expiresAt - createdAt) / 4);

type Contender = Pick<RegistryEntry, 'manifest' | 'evidence'>;

/**
 * Whether a model may follow an incumbent for age, without having won a duel. It is trained on newer days and answers long enough after the
 * incumbent: four weeks, or half of a short life. An imported model is of another recipe than one of ours, so it has to win its duel.
 */
export function maySucceed(own: Contender, incumbent: Contender, now: number): boolean {
  const { createdAt, expiresAt, trainedUpTo } = own.manifest;
  const isOfRecipe = own.evidence.imported !== true || incumbent.evidence.imported === true;
  const outlivesMs = Math.min(2 * AGEING_MS, (expiresAt - createdAt) / 2);
  return (
    isAgeing(incumbent.manifest, now) &&
    isOfRecipe &&
    trainedUpTo > incumbent.manifest.trainedUpTo &&
    expiresAt >= incumbent.manifest.expiresAt + outlivesMs
  );
}
