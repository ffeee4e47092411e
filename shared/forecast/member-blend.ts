import type { MemberBlend } from '../contracts/model.ts';
import { formatMessage } from '../sentences/message-forms.ts';
import { between, middlesOf, mixed } from './between.ts';

/** The fields of a manifest that define the layout of its members' outputs: [member x step x quantile]. */
export interface BlendShape {
  readonly steps: number;
  readonly quantiles: readonly number[];
}

/** The weights of each step: a group's own in its middle, linear between middles, so that no answer jumps at the end of a group. */
export function weightsByStep({ groups }: Pick<MemberBlend, 'groups'>, steps: number): (readonly number[])[] {
  const middles = middlesOf(groups.map(({ to }) => to));
  return Array.from({ length: steps }, (_, step) => {
    const { low, high, share } = between(middles, step);
    return groups[low]!.weights.map((weight, m) => mixed(weight, groups[high]!.weights[m]!, share));
  });
}

/** The weighted mean of the members' quantiles, [row x step x quantile]. `said`: [row x member x step x quantile]. */
export function weighted(said: Float32Array, blend: MemberBlend, { steps, quantiles }: BlendShape): Float32Array {
  const width = steps * quantiles.length;
  const members = blend.members.length;
  const out = new Float32Array(said.length / members);
  const byStep = weightsByStep(blend, steps);
  for (let row = 0; row * width < out.length; row++) {
    for (let step = 0; step < steps; step++) {
      const weights = byStep[step]!;
      for (let q = 0; q < quantiles.length; q++) {
        const at = step * quantiles.length + q;
        let value = 0;
        for (let m = 0; m < members; m++) value += weights[m]! * said[(row * members + m) * width + at]!;
        out[row * width + at] = value;
      }
    }
  }
  return out;
}

/** Weights are written with few digits, so their sum is 1 only within this tolerance. */
const SUM_TOLERANCE = 1e-4;

/** Reason why the blend in a manifest is invalid; undefined if it is valid. */
export function blendFault({ members, groups }: MemberBlend, steps: number): string | undefined {
  if (groups.at(-1)?.to !== steps || groups.some(({ to }, i) => to <= (groups[i - 1]?.to ?? 0)))
    return formatMessage('LS-MODEL-004', 'the groups of steps of its blend do not ascend to its last step');
  for (const { weights } of groups) {
    const sum = weights.reduce((all, each) => all + each, 0);
    if (weights.length !== members.length || Math.abs(sum - 1) > SUM_TOLERANCE)
      return formatMessage(
        'LS-MODEL-004',
        'the weights of its blend are not those of {count} members that add up to 1',
        { count: members.length },
      );
  }
  return undefined;
}
