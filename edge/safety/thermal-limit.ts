import {
  hotSpotC,
  onanBySize,
  relativeAgeing,
  steadyState,
  thermalStep,
  type ThermalConstants,
  type ThermalState,
} from '../../shared/grid/hot-spot.ts';
import type { ThermalMemory } from '../control/safety-memory.ts';

export interface ThermalInput {
  readonly ratedKva: number;
  /** Null while the meter is silent. */
  readonly kva: number | null;
  readonly ambientC: number;
  readonly stepS: number;
}

export interface ThermalLimit {
  readonly memory: ThermalMemory;
  readonly hotSpotC: number;
  /** Allowed load now, kVA; never below the rating. */
  readonly maxKva: number;
}

/** IEC 60076-7:2018, table 3: normal cyclic loading. */
const CYCLIC_C = 120;
const CYCLIC_PU = 1.5;
const NORMAL_C = 98;
const DAY_S = 86_400;
/** From this share of a day's ageing on, the allowed hot spot falls from cyclic to normal. */
const SPENT_FROM = 0.8;
/** The hot spot must stay within its limit at each of these times ahead, s. */
const LOOK_AHEAD_S = [60, 300, 900] as const;
const BISECTIONS = 24;

/**
 * The load that a transformer may carry by its predicted hot spot. Held for the next quarter of an hour, it keeps the hot spot
 * below 120 C. That limit falls to 98 C as the last day's ageing reaches normal, so a short overload is allowed and a long one is
 * not. The rating is always allowed. Without history it assumes a long time at its rating.
 */
export function thermalLimit(before: ThermalMemory | null, input: ThermalInput): ThermalLimit {
  const { ratedKva, kva, ambientC, stepS } = input;
  const constants = onanBySize(ratedKva);
  const start = before ?? { ...steadyState(constants, 1), loadPu: 1, ageing: SPENT_FROM };
  // An unknown load counts as the last one, and at least as the rating.
  const loadPu = kva === null || !Number.isFinite(kva) ? Math.max(1, start.loadPu) : kva / ratedKva;
  const state = thermalStep(constants, start, { loadPu: Math.min(loadPu, 2 * CYCLIC_PU), stepS });
  const nowC = hotSpotC(state, ambientC);
  const keep = Math.exp(-stepS / DAY_S);
  const ageing = Math.min(start.ageing * keep + relativeAgeing(Math.min(nowC, 2 * CYCLIC_C)) * (1 - keep), 100);
  return {
    memory: { ...state, loadPu, ageing },
    hotSpotC: nowC,
    maxKva: ratedKva * allowedPu(constants, state, { ambientC, limitC: allowedC(ageing) }),
  };
}

function allowedC(ageing: number): number {
  const left = Math.max(0, Math.min(1, (1 - ageing) / (1 - SPENT_FROM)));
  return NORMAL_C + left * (CYCLIC_C - NORMAL_C);
}

function allowedPu(
  constants: ThermalConstants,
  state: ThermalState,
  { ambientC, limitC }: { readonly ambientC: number; readonly limitC: number },
): number {
  const holds = (loadPu: number): boolean =>
    LOOK_AHEAD_S.every((stepS) => hotSpotC(thermalStep(constants, state, { loadPu, stepS }), ambientC) <= limitC);
  let [low, high] = [1, CYCLIC_PU];
  if (holds(high)) return high;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
