import { clearSky, TILTED, type SunPlace } from '../../../shared/grid/clear-sky.ts';

export interface Sun {
  readonly mid: number;
  readonly low: number;
  readonly high: number;
}

/** By daylight above this a plant's reading tells how clear the sky is. */
export const DAYLIGHT = 0.1;

/**
 * What is known of the sky over a plant, as shares of what `clearSky` says: what it gives now, a mean of some minutes, and the most
 * that it can give. That most is the plant's own: its tilt and its inverter's size against its panels stand in no configuration.
 */
export interface Sky {
  readonly now: number;
  readonly best: number;
}

/** By how much the best is above the most that was seen. */
const ABOVE_SEEN = 1.15;
/** Clouds come and go within minutes: one reading is not the sky. */
const SKY_MEAN_MS = 15 * 60_000;
/** Of the best: what is likely where nothing is known, what an overcast sky leaves. */
const USUAL = 0.55;
const OVERCAST = 0.15;
/** How fast what is seen now stops to count. */
const FADE_MS = 4 * 3_600_000;
/** Of the way to overcast and to clear sky that clouds go within minutes. */
const MINUTES_SHARE = 0.5;
/** Standard deviation of what a plant gives within minutes under broken clouds, as a share of what it gives. */
export const CLOUD_NOISE = 0.25;

/** The sky with one more reading, `afterMs` after the one before: what the plant could give over `clearSky`'s share of its rating. */
export function seenSky(before: Sky | undefined, reading: number, afterMs: number): Sky {
  const seen = Math.max(0, reading);
  if (before === undefined) return { now: seen, best: Math.max(TILTED, ABOVE_SEEN * seen) };
  // A clock that is set back must not turn the mean about: what it overshoots by would stay as the best for good.
  const now = before.now + (1 - Math.exp(-Math.max(0, afterMs) / SKY_MEAN_MS)) * (seen - before.now);
  return { now, best: Math.max(before.best, ABOVE_SEEN * now) };
}

/**
 * Shares of the rating at a time ahead, from the sky seen last: as it is now at first, towards the usual later, between overcast and
 * clear sky; from the first minute on with what passing clouds do.
 */
export function sunAhead(place: SunPlace, sky: Sky | undefined, ahead: { time: number; now: number }): Sun {
  const best = sky?.best ?? TILTED;
  const clear = clearSky(place, ahead.time);
  const kept = sky === undefined ? 0 : Math.exp(-Math.max(0, ahead.time - ahead.now) / FADE_MS);
  const likely = USUAL * best + kept * ((sky?.now ?? 0) - USUAL * best);
  const spread = 1 - (1 - MINUTES_SHARE) * kept;
  const mid = Math.min(1, clear * likely);
  return {
    mid,
    low: Math.max(0, mid - spread * Math.max(0, mid - clear * OVERCAST * best)),
    high: Math.min(1, Math.max(mid, mid + spread * (clear * best - mid))),
  };
}
