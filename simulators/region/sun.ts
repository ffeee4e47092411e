const DAY_MS = 86_400_000;
const RAD = Math.PI / 180;
const SOLAR_CONSTANT_WM2 = 1361;
/** Clear sky over the horizontal: Haurwitz (1945). */
const HAURWITZ = { factor: 1098, exponent: 0.057 };

/**
 * Sine of the sun's elevation; below 0 at night. Accurate to about a degree (declination after Cooper 1969, three-term equation of time).
 */
export function sinElevation(timeMs: number, latitude: number, longitude: number): number {
  const dayOfYear = (timeMs - Date.UTC(new Date(timeMs).getUTCFullYear(), 0, 1)) / DAY_MS;
  const declination = 23.45 * RAD * Math.sin((2 * Math.PI * (284 + dayOfYear)) / 365);
  const b = (2 * Math.PI * (dayOfYear - 81)) / 364;
  const equationMinutes = 9.87 * Math.sin(2 * b) - 7.53 * Math.cos(b) - 1.5 * Math.sin(b);
  const solarHours = ((timeMs % DAY_MS) / 3_600_000 + longitude / 15 + equationMinutes / 60) % 24;
  const hourAngle = (solarHours - 12) * 15 * RAD;
  return (
    Math.sin(latitude * RAD) * Math.sin(declination) +
    Math.cos(latitude * RAD) * Math.cos(declination) * Math.cos(hourAngle)
  );
}

/** Global horizontal irradiance under a clear sky, W/m2. */
export const clearSkyWm2 = (sine: number): number =>
  sine <= 0 ? 0 : Math.min(SOLAR_CONSTANT_WM2, HAURWITZ.factor * sine * Math.exp(-HAURWITZ.exponent / sine));

/** Irradiance on panels facing south at 30 degrees over that on the horizontal: a third is diffuse, the gain is bounded. */
export function tiltGain(sine: number): number {
  if (sine <= 0.05) return 1;
  const elevation = Math.asin(sine);
  return Math.min(1.5, 0.35 + (0.65 * Math.sin(elevation + 30 * RAD)) / sine);
}
