/** What the sun of a place does to a plant, from where it stands in the sky; no weather. */
export interface SunPlace {
  readonly latitude: number;
  readonly longitude: number;
}

const RAD = Math.PI / 180;
/** Share of its rating that a plant reaches under a clear sky with the sun overhead (losses, angle), and the air's bend. */
const CLEAR = 1;
const AIR = 1.15;

/** Sine of the sun's elevation (declination after Cooper 1969, equation of time after Spencer 1971), 0 at night. */
export function sunHeight({ latitude, longitude }: SunPlace, time: number): number {
  const date = new Date(time);
  const day = (time - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  const declination = 23.45 * RAD * Math.sin((2 * Math.PI * (284 + day + 1)) / 365);
  const angle = (2 * Math.PI * day) / 365;
  const equationMin =
    229.18 *
    (0.000075 +
      0.001868 * Math.cos(angle) -
      0.032077 * Math.sin(angle) -
      0.014615 * Math.cos(2 * angle) -
      0.040849 * Math.sin(2 * angle));
  const minutes = (time / 60_000) % 1440;
  const hourAngle = ((minutes + equationMin + 4 * longitude) / 4 - 180) * RAD;
  const sine =
    Math.sin(latitude * RAD) * Math.sin(declination) +
    Math.cos(latitude * RAD) * Math.cos(declination) * Math.cos(hourAngle);
  return Math.max(0, sine);
}

/** Share of its rating that a plant gives under a clear sky. */
export const clearSky = (place: SunPlace, time: number): number => CLEAR * sunHeight(place, time) ** AIR;

export interface Sun {
  readonly mid: number;
  readonly low: number;
  readonly high: number;
}

/** Clearness that is likely where nothing is known, and how fast what is seen now stops to count. */
const USUAL = 0.55;
const FADE_MS = 4 * 3_600_000;
const LOW_SHARE = 0.15;

/**
 * Shares of the rating at a time ahead, from the clearness seen last: as it is now at first, towards the usual later, between
 * overcast and clear sky. `clearness` is what a plant could give over what it would give under a clear sky.
 */
export function sunAhead(place: SunPlace, clearness: number | undefined, ahead: { time: number; now: number }): Sun {
  const clear = clearSky(place, ahead.time);
  const kept = clearness === undefined ? 0 : Math.exp(-Math.max(0, ahead.time - ahead.now) / FADE_MS);
  const likely = USUAL + kept * ((clearness ?? USUAL) - USUAL);
  const spread = 1 - 0.8 * kept;
  const mid = Math.min(1, clear * likely);
  return {
    mid,
    low: Math.max(0, mid - spread * (mid - clear * LOW_SHARE)),
    high: Math.min(1, Math.max(mid, mid + spread * (clear - mid))),
  };
}
