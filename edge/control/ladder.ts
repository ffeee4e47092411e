import type { FailsafeState } from './state.ts';

export type Rung = 'plan' | 'own-plan' | 'autonomous' | 'fail-safe';

export interface LadderInput {
  readonly heartbeatAgeS: number;
  readonly lostAfterS: number;
  /** Age of the grid limit; null if there is none. */
  readonly gridLimitAgeS: number | null;
  readonly stepS: number;
}

/**
 * Fail-safe of the grid limit (EEBUS LPC: heartbeat 60 s, lost at 120 s, held at least 2 h). It begins when the heartbeat is lost.
 * It ends with a heartbeat and a later limit, never by time alone: the minimum time expires, the need for a limit does not. The
 * fail-safe at start, when nothing was lost, ends with the first heartbeat.
 */
export function failsafe(state: FailsafeState, input: LadderInput): FailsafeState {
  const alive = input.heartbeatAgeS <= input.lostAfterS;
  if (!state.active) return alive ? state : { active: true, heldS: 0, fromStart: false, aliveS: 0 };
  const aliveS = alive ? (state.aliveS ?? 0) + input.stepS : 0;
  const followed = input.gridLimitAgeS !== null && input.gridLimitAgeS <= aliveS;
  if (alive && (state.fromStart || followed)) return { active: false, heldS: 0, fromStart: false, aliveS: 0 };
  return { ...state, heldS: state.heldS + input.stepS, aliveS };
}

/** The heartbeat is back during the fail-safe; only a fresh limit is missing. */
export const awaitsLimit = ({ active, fromStart, aliveS }: FailsafeState): boolean =>
  active && !fromStart && (aliveS ?? 0) > 0;

/** The gateway's rung: cloud plan, own plan, autonomous, or fail-safe without any plan and without the cloud. */
export function rungOf(facts: {
  readonly planInForce: boolean;
  readonly ownPlan: boolean;
  readonly failsafeActive: boolean;
  readonly heartbeatLost: boolean;
}): Rung {
  if (facts.planInForce) return 'plan';
  if (facts.ownPlan) return 'own-plan';
  return facts.failsafeActive && facts.heartbeatLost ? 'fail-safe' : 'autonomous';
}
