/** What the sun of a place does to a plant, from where it stands in the sky; no weather. */
export interface SunPlace {
  readonly latitude: number;
  readonly longitude: number;
}

const RAD = Math.PI / 180;
/** Share of its rating that a level plant reaches under a clear sky with the sun overhead (losses, angle), and the air's bend. */
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

/** What a tilted plant can give over what `clearSky` says of a level one, and what edges of clouds reflect on top of that. */
export const TILTED = 1.3;
export const REFLECTED = 1.2;

/** Twilight: so long before sunrise and after sunset a plant may give something. */
const TWILIGHT_MS = 1_800_000;

/**
 * Whether a plant can give anything between two times, at most 24 h apart. By day that may be all of its rating: steep panels that face a
 * low sun give several times what a level one does, so no clear-sky figure is a bound.
 */
export function isDay(place: SunPlace, from: number, to: number): boolean {
  for (let time = from - TWILIGHT_MS; ; time += TWILIGHT_MS) {
    if (sunHeight(place, Math.min(time, to + TWILIGHT_MS)) > 0) return true;
    if (time >= to + TWILIGHT_MS) return false;
  }
}

/** Share of its rating that a level plant gives under a clear sky. */
export const clearSky = (place: SunPlace, time: number): number => CLEAR * sunHeight(place, time) ** AIR;
