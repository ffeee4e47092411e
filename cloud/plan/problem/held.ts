import type { HealthReport } from '../../../shared/contracts/report.ts';
import { stepTimes } from './series.ts';

/** A device that a person controls: no plan moves it, and each plan must allow for it. */
export interface Held {
  /** The commanded power, or limit of a plant or a site, kW of consumption; null: the device runs by itself. */
  readonly kw: number | null;
  /** ms UTC; absent: until the next command. */
  readonly until?: number | undefined;
}

const BY_HAND: ReadonlySet<string> = new Set(['override', 'local-manual']);

/**
 * What holds a device, by its gateway's report; undefined: it is left to the plan. The wished value counts, not what a plan's envelope left
 * of it. A mode holds nothing: in manual and monitor a plan says what would be done. `until`: gives the end of an override; called only
 * under an override or local manual.
 */
export function heldIn(
  report: Pick<HealthReport, 'devices'> | undefined,
  device: string,
  until: () => number | undefined,
): Held | undefined {
  const reported = report?.devices.find((each) => each.device === device);
  if (reported === undefined) return undefined;
  if (reported.tagged === true) return { kw: null };
  if (reported.stopped === true) return { kw: reported.wishedKw };
  return BY_HAND.has(reported.source) ? { kw: reported.wishedKw, until: until() } : undefined;
}

/** `kw` in the steps that begin before the hold ends, null in the others. */
export const heldSteps = (
  { until = Infinity }: Held,
  { start, stepsS }: { readonly start: number; readonly stepsS: readonly number[] },
  kw: number,
): (number | null)[] => stepTimes(start, stepsS).map((time) => (time < until ? kw : null));
