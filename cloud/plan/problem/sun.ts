import { clearSky, TILTED, type SunPlace } from '../../../shared/grid/clear-sky.ts';

export interface Sun {
  readonly mid: number;
  readonly low: number;
  readonly high: number;
}

/** Above this share of daylight a plant's reading shows how clear the sky is. */
export const DAYLIGHT = 0.1;

/**
 * What is known of the sky over a plant, as shares of `clearSky`: what it gives now, a mean over some minutes, and the most that it can
 * give. That maximum is the plant's own: no configuration states its tilt or the size of its inverter relative to its panels.
 */
export interface Sky {
  readonly now: number;
  readonly best: number;
}

/** Factor from the most that was seen to the best. */
const ABOVE_SEEN = 1.15;
/** Clouds come and go within minutes, so one reading is not the sky. */
const SKY_MEAN_MS = 15 * 60_000;
/** Shares of the best: the likely one if nothing is known, and what an overcast sky leaves. */
const USUAL = 0.55;
const OVERCAST = 0.15;
/** Time constant with which the present sky stops counting. */
const FADE_MS = 4 * 3_600_000;
/** Share of the way to overcast and to clear sky that clouds go within minutes. */
const MINUTES_SHARE = 0.5;
/** Standard deviation of a plant's power within minutes under broken clouds, as a share of its power. */
export const CLOUD_NOISE = 0.25;

/**
 * The sky with one more reading, `afterMs` after the previous one. `reading`: what the plant could give, divided by `clearSky`'s share of
 * its rating.
 */
export function seenSky(before: Sky | undefined, reading: number, afterMs: number): Sky {
  const seen = Math.max(0, reading);
  if (before === undefined) return { now: seen, best: Math.max(TILTED, ABOVE_SEEN * seen) };
  // A clock that is set back must not reverse the mean: the overshoot would stay as the best for good.
  const now = before.now + (1 - Math.exp(-Math.max(0, afterMs) / SKY_MEAN_MS)) * (seen - before.now);
  return { now, best: Math.max(before.best, ABOVE_SEEN * now) };
}

/**
 * Shares of the rating at a time ahead, from the sky last seen: at first as it is now, later towards the usual, between overcast and clear
 * sky. Passing clouds count from the first minute on.
 */
export function sunAhead(place: SunPlace, sky: Sky | undefined, ahead: { time: number; now: number }): Sun {
  const best = sky?.best ?? TILTED;
  const clear = clearSky(place, ahead.time);
  const persistence = sky === undefined ? 0 : Math.exp(-Math.max(0, ahead.time - ahead.now) / FADE_MS);
  const likely = USUAL * best + persistence * ((sky?.now ?? 0) - USUAL * best);
  const spread = 1 - (1 - MINUTES_SHARE) * persistence;
  const mid = Math.min(1, clear * likely);
  return {
    mid,
    low: Math.max(0, mid - spread * Math.max(0, mid - clear * OVERCAST * best)),
    high: Math.min(1, Math.max(mid, mid + spread * (clear * best - mid))),
  };
}
