/** Level of a measurement against its limit alone: 1 is beyond it, 2 is close to it. */
export type Priority = 1 | 2 | 3;
export type Level = Priority | null;

const NEAR_LOADING_PCT = 90;
const NEAR_VOLTAGE_PU = 0.01;
const NEAR_SHARE = 0.9;

export function loadingLevel(loadingPct: number | null): Level {
  if (loadingPct === null) return null;
  if (loadingPct > 100) return 1;
  return loadingPct >= NEAR_LOADING_PCT ? 2 : null;
}

export function voltageLevel(voltagePu: number | null, limits: { vMinPu: number; vMaxPu: number }): Level {
  if (voltagePu === null) return null;
  const room = Math.min(voltagePu - limits.vMinPu, limits.vMaxPu - voltagePu);
  if (room < 0) return 1;
  return room < NEAR_VOLTAGE_PU ? 2 : null;
}

/** Limits are magnitudes: consumption up to importKw, feed-in up to exportKw. */
export function powerLevel(powerKw: number | null, limits: { importKw: number; exportKw: number }): Level {
  if (powerKw === null) return null;
  const limit = powerKw < 0 ? limits.exportKw : limits.importKw;
  if (Math.abs(powerKw) > limit) return 1;
  return Math.abs(powerKw) >= NEAR_SHARE * limit ? 2 : null;
}

export const worst = (...levels: readonly Level[]): Level =>
  levels.reduce<Level>((best, level) => (level === null || (best !== null && best <= level) ? best : level), null);
