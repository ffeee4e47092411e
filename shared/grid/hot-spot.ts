/** Constants of an oil-immersed transformer after IEC 60076-7:2018, table 4 and annex C, natural cooling (ONAN). Times in s. */
export interface ThermalConstants {
  /** Top-oil and hot-spot rise at rated load, K. */
  readonly oilRiseK: number;
  readonly hotSpotRiseK: number;
  /** Ratio of load losses at rated load to no-load losses. */
  readonly lossRatio: number;
  readonly oilExponent: number;
  readonly windingExponent: number;
  readonly k11: number;
  readonly k21: number;
  readonly k22: number;
  readonly oilS: number;
  readonly windingS: number;
}

export const onan = {
  /** Up to 2,500 kVA. */
  distribution: {
    oilRiseK: 55,
    hotSpotRiseK: 23,
    lossRatio: 5,
    oilExponent: 0.8,
    windingExponent: 1.6,
    k11: 1,
    k21: 1,
    k22: 2,
    oilS: 180 * 60,
    windingS: 4 * 60,
  },
  power: {
    oilRiseK: 52,
    hotSpotRiseK: 26,
    lossRatio: 6,
    oilExponent: 0.8,
    windingExponent: 1.3,
    k11: 0.5,
    k21: 2,
    k22: 2,
    oilS: 210 * 60,
    windingS: 10 * 60,
  },
} as const satisfies Record<string, ThermalConstants>;

const DISTRIBUTION_KVA = 2500;

/** Constants for a rating. */
export const onanBySize = (ratedKva: number): ThermalConstants =>
  ratedKva <= DISTRIBUTION_KVA ? onan.distribution : onan.power;

/** Temperature rises, K. */
export interface ThermalState {
  /** Top oil over ambient. */
  readonly oilK: number;
  /** The two terms of the hot-spot rise over top oil: the winding, and the slower oil, which is subtracted. */
  readonly windingK: number;
  readonly lagK: number;
}

/** Steady state at a constant load in per unit of the rating. */
export function steadyState(constants: ThermalConstants, loadPu: number): ThermalState {
  const { oilRiseK, hotSpotRiseK, lossRatio, oilExponent, windingExponent, k21 } = constants;
  const hot = hotSpotRiseK * loadPu ** windingExponent;
  return {
    oilK: oilRiseK * ((1 + lossRatio * loadPu ** 2) / (1 + lossRatio)) ** oilExponent,
    windingK: k21 * hot,
    lagK: (k21 - 1) * hot,
  };
}

/** Difference equations of IEC 60076-7, clause 8.2.3, solved exactly for a step of constant load. */
export function thermalStep(
  constants: ThermalConstants,
  state: ThermalState,
  { loadPu, stepS }: { readonly loadPu: number; readonly stepS: number },
): ThermalState {
  const { k11, k22, oilS, windingS } = constants;
  const goal = steadyState(constants, loadPu);
  const towards = (from: number, to: number, timeConstantS: number): number =>
    to + (from - to) * Math.exp(-stepS / timeConstantS);
  return {
    oilK: towards(state.oilK, goal.oilK, k11 * oilS),
    windingK: towards(state.windingK, goal.windingK, k22 * windingS),
    lagK: towards(state.lagK, goal.lagK, oilS / k22),
  };
}

export const hotSpotC = ({ oilK, windingK, lagK }: ThermalState, ambientC: number): number =>
  ambientC + oilK + windingK - lagK;

/** Relative ageing of paper that is not thermally upgraded: 1 at 98 C, doubling every 6 K (IEC 60076-7, clause 6.3). */
export const relativeAgeing = (atC: number): number => 2 ** ((atC - 98) / 6);
