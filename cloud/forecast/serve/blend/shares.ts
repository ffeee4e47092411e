import type { MemberBlend } from '../../../../shared/contracts/model.ts';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { weightsByStep } from '../../../../shared/forecast/member-blend.ts';

/** The part of the linear member that is the mean of the week has a share of its own. */
const WITHIN_FIRST = 'sameHourMean';

/**
 * Mean shares of the members over the steps, under other weights than those of the training. The split of the linear member between
 * regression and mean of the week is fixed and taken from the model's own shares.
 */
export function sharesUnder(
  { groups, members }: MemberBlend,
  { steps, members: trained }: Pick<ModelManifest, 'steps' | 'members'>,
): Record<string, number> {
  const byStep = weightsByStep({ groups }, steps);
  const means = members.map((_, m) => byStep.reduce((sum, weights) => sum + weights[m]! / steps, 0));
  const [first = ''] = members;
  const apart = trained[WITHIN_FIRST] ?? 0;
  const within = apart / Math.max(1e-9, apart + (trained[first] ?? 0));
  const shares = Object.fromEntries(members.map((name, m) => [name, rounded(means[m]!)]));
  if (WITHIN_FIRST in trained) {
    shares[first] = rounded(means[0]! * (1 - within));
    shares[WITHIN_FIRST] = rounded(means[0]! * within);
  }
  return shares;
}

const rounded = (share: number): number => Math.round(share * 1e4) / 1e4;
