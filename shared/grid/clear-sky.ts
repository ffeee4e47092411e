/** PV output from the position of the sun alone, without weather. */
export interface SunPlace {
  readonly latitude: number;
  readonly longitude: number;
}

const RAD = Math.PI / 180;
/**
 * Output of a level plant under a clear sky with the sun overhead, as a share of its rating (losses and angle included), and the exponent
 * of atmospheric attenuation.
 */
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

/** Largest output of a tilted plant relative to `clearSky` of a level one, and the further gain from reflections at cloud edges. */
export const TILTED = 1.3;
export const REFLECTED = 1.2;

/** Twilight: a plant may already feed in this long before sunrise and after sunset. */
const TWILIGHT_MS = 1_800_000;

/**
 * Whether a plant can feed in at all between two times, at most 24 h apart. By day it may reach its full rating: steep panels facing a low
 * sun give several times the output of a level one, so no clear-sky figure is an upper bound.
 */
export function isDay(place: SunPlace, from: number, to: number): boolean {
  for (let time = from - TWILIGHT_MS; ; time += TWILIGHT_MS) {
    if (sunHeight(place, Math.min(time, to + TWILIGHT_MS)) > 0) return true;
    if (time >= to + TWILIGHT_MS) return false;
  }
}

/** Output of a level plant under a clear sky, as a share of its rating. */
export const clearSky = (place: SunPlace, time: number): number => CLEAR * sunHeight(place, time) ** AIR;
