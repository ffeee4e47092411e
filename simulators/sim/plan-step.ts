import type { PlanBody } from '../../shared/contracts/plan.ts';

/** Step of a plan at a moment; null after its horizon. */
export function stepAt({ horizon }: PlanBody, nowMs: number): number | null {
  let end = horizon.start;
  const step = horizon.stepsS.findIndex((seconds) => nowMs < (end += 1000 * seconds));
  return step < 0 ? null : step;
}
