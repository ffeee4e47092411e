import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { ElementImage } from '../control/image.ts';
import type { ElementSpec } from '../control/model.ts';

/** Something flows above this share of a rating, or above this many amperes where no current limit is set. */
const FLOWS_SHARE = 0.02;
const FLOWS_A = 5;
/** Power below this is nothing, except for small elements: there the threshold is a fifth of the rating. */
const LEAST_FLOW_KVA = 1;
const LEAST_FLOW_SHARE = 0.2;

type Flow = Partial<Pick<ElementImage, 'activePowerKw' | 'reactivePowerKvar' | 'currentA'>>;

/** Whether power or current flows through an element. Without voltage a meter measures no power, but its current still shows. */
export function flows(
  seen: Flow,
  { ratedKva, range, currentA: limitA }: Pick<ElementSpec, 'ratedKva' | 'range' | 'currentA'>,
): boolean {
  const kva = ratedKva ?? (Number.isFinite(range.maxKw) ? range.maxKw : 1000);
  return carriesPower(seen, kva) || (seen.currentA ?? 0) > (limitA === null ? FLOWS_A : FLOWS_SHARE * limitA);
}

/** Whether a device consumes or generates, against its rating in kW. */
export const deviceFlows = (seen: Flow, { minKw, maxKw }: PowerRange): boolean =>
  carriesPower(seen, Math.max(-minKw, maxKw));

const carriesPower = ({ activePowerKw, reactivePowerKvar }: Flow, ratedKva: number): boolean =>
  Math.hypot(activePowerKw ?? 0, reactivePowerKvar ?? 0) >
  Math.max(Math.min(LEAST_FLOW_KVA, LEAST_FLOW_SHARE * ratedKva), FLOWS_SHARE * ratedKva);
