import type { FailsafeState } from './state.ts';

export type Rung = 'plan' | 'own-plan' | 'autonomous' | 'fail-safe';

export interface LadderInput {
  readonly heartbeatAgeS: number;
  readonly lostAfterS: number;
  /** Age of the limit that only the cloud knows; null: there is none. */
  readonly gridLimitAgeS: number | null;
  readonly minimumS: number;
  readonly stepS: number;
}

/**
 * Fail-safe of the limits that only the cloud knows (EEBUS LPC: heartbeat 60 s, lost at 120 s, held at least 2 h). It begins when
 * the heartbeat is lost and ends when heartbeat and a limit given since are both back, or with the heartbeat alone after the
 * minimum time. The one that holds from the start ends with the first heartbeat.
 */
export function failsafe(state: FailsafeState, input: LadderInput): FailsafeState {
  const alive = input.heartbeatAgeS <= input.lostAfterS;
  if (!state.active) return alive ? state : { active: true, heldS: 0, fromStart: false };
  const heldS = state.heldS + input.stepS;
  const freshLimit = input.gridLimitAgeS !== null && input.gridLimitAgeS < heldS;
  if (alive && (state.fromStart || freshLimit || heldS >= input.minimumS)) {
    return { active: false, heldS: 0, fromStart: false };
  }
  return { ...state, heldS };
}

/** The rung on which the gateway stands: cloud plan, its own plan, autonomous, or fail-safe where it follows nothing and is alone. */
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
