import { finite, type ElementImage, type Image } from './image.ts';
import { TRANSFORMER } from './model.ts';
import { moveOf } from './meter-move.ts';
import type { MeterCheckState } from './state.ts';

const SAMPLE_S = 60;
/** Memory of the regression: about two hours of samples. */
const FORGET = 1 - 1 / 120;
const MIN_SAMPLES = 45;
/** A slope this many standard errors from zero is significant. */
const SIGNIFICANT = 5;
const DEAD_AFTER_S = 600;
/**
 * Checks the transformer's meter against its feeder heads. Dead: it reads nothing for ten minutes while the heads carry load.
 * Reversed: its changes from minute to minute follow those of the heads with the opposite sign (regression through the origin;
 * unmetered load only adds noise), or it has moved against them from one steady state to the next. A finding is withdrawn once the
 * meter proves correct.
 */
export function checkMeter(
  state: MeterCheckState | null,
  image: Image,
  ratedKva: number | null,
): MeterCheckState | null {
  const meter = image.elements.get(TRANSFORMER);
  const heads = headsOf(image);
  if (meter?.fresh !== true || !finite(meter.activePowerKw) || heads === null) return state;
  const quiet = Math.abs(meter.activePowerKw) + Math.abs(meter.reactivePowerKvar ?? 0) < 1e-4 * (ratedKva ?? 1000);
  const carrying = Math.abs(heads.activePowerKw) > 0.02 * (ratedKva ?? 1000);
  const before = state ?? {
    lastTime: image.time,
    lastMeter: meter.activePowerKw,
    lastHeads: heads.activePowerKw,
    samples: 0,
    xx: 0,
    xy: 0,
    yy: 0,
    quietS: 0,
    finding: 'none' as const,
  };
  const quietS = quiet ? (carrying ? Math.min(before.quietS + image.stepS, 1e6) : before.quietS) : 0;
  const move = moveOf(before.move, {
    heads: heads.activePowerKw,
    meter: meter.activePowerKw,
    stepS: image.stepS,
    ratedKva: ratedKva ?? 1000,
  });
  const next = { ...before, quietS, move: move.left };
  // The absolute difference keeps sampling going after the clock was set back.
  if (Math.abs(image.time - before.lastTime) >= SAMPLE_S * 1000) {
    const dx = heads.activePowerKw - before.lastHeads;
    const dy = meter.activePowerKw - before.lastMeter;
    Object.assign(next, {
      lastTime: image.time,
      lastMeter: meter.activePowerKw,
      lastHeads: heads.activePowerKw,
      samples: Math.min(before.samples + 1, 1e6),
      xx: FORGET * before.xx + dx * dx,
      xy: FORGET * before.xy + dx * dy,
      yy: FORGET * before.yy + dy * dy,
    });
  }
  const finding = findingOf(next);
  if (move.sign === null || finding === 'dead' || (finding === 'reversed') === move.sign < 0)
    return { ...next, finding };
  // Discards samples from before the meter's sign changed.
  return { ...next, samples: 0, xx: 0, xy: 0, yy: 0, finding: move.sign < 0 ? 'reversed' : 'none' };
}

function findingOf(state: MeterCheckState): MeterCheckState['finding'] {
  const { quietS, samples, xx, finding } = state;
  if (quietS >= DEAD_AFTER_S) return 'dead';
  if (finding === 'dead' && quietS > 0) return 'dead';
  if (samples < MIN_SAMPLES || xx <= 0) return finding === 'dead' ? 'none' : finding;
  const { slope, error } = regression(state);
  if (slope < -0.5 && slope < -SIGNIFICANT * error) return 'reversed';
  if (slope > 0.5 && slope > SIGNIFICANT * error) return 'none';
  return finding === 'dead' ? 'none' : finding;
}

function regression({ xx, xy, yy, samples }: MeterCheckState): { slope: number; error: number } {
  const slope = xy / xx;
  const n = Math.min(samples, 1 / (1 - FORGET));
  return { slope, error: Math.sqrt(Math.max(0, yy / xx - slope * slope) / n) };
}

/** The meter has proved correct here, which overrules the cloud's finding. */
function proven(state: MeterCheckState | null): boolean {
  if (state === null || state.finding !== 'none' || state.samples < MIN_SAMPLES || state.xx <= 0) return false;
  const { slope, error } = regression(state);
  return slope > 0.5 && slope > SIGNIFICANT * error;
}

export type FaultyMeters = Readonly<Record<string, 'dead' | 'reversed'>>;

/** The finding for each meter: the gateway's own for the transformer, otherwise the cloud's. */
export function faultyMetersOf(state: MeterCheckState | null, fromCloud: FaultyMeters | undefined): FaultyMeters {
  const liars: Record<string, 'dead' | 'reversed'> = { ...fromCloud };
  if (state !== null && state.finding !== 'none') liars[TRANSFORMER] = state.finding;
  else if (proven(state)) delete liars[TRANSFORMER];
  return liars;
}

/**
 * The image as the guard should see it: reversed meters inverted, a dead transformer meter replaced by the sum of its heads, dead
 * head meters silent.
 */
export function mended(image: Image, liars: FaultyMeters): Image {
  const elements = new Map(image.elements);
  for (const [id, finding] of Object.entries(liars)) {
    const meter = elements.get(id);
    if (meter !== undefined && finding === 'reversed') elements.set(id, reversed(meter));
    else if (meter !== undefined && id !== TRANSFORMER) elements.set(id, silenced(meter));
  }
  const transformer = elements.get(TRANSFORMER);
  if (liars[TRANSFORMER] === 'dead' && transformer !== undefined) {
    const heads = headsOf({ ...image, elements });
    elements.set(TRANSFORMER, heads === null ? silenced(transformer) : { ...transformer, ...heads, currentA: null });
  }
  return { ...image, elements };
}

const silenced = (meter: ElementImage): ElementImage => ({
  ...meter,
  fresh: false,
  activePowerKw: null,
  reactivePowerKvar: null,
  currentA: null,
});

const reversed = (meter: ElementImage): ElementImage => ({
  ...meter,
  activePowerKw: meter.activePowerKw === null ? null : -meter.activePowerKw,
  reactivePowerKvar: meter.reactivePowerKvar === null ? null : -meter.reactivePowerKvar,
});

/** Sum of the feeder heads; null unless all of them are heard. */
function headsOf(image: Image): { activePowerKw: number; reactivePowerKvar: number } | null {
  let [p, q, count] = [0, 0, 0];
  for (const head of image.elements.values()) {
    if (head.id === TRANSFORMER) continue;
    if (!head.fresh || !finite(head.activePowerKw)) return null;
    p += head.activePowerKw;
    q += head.reactivePowerKvar ?? 0;
    count++;
  }
  return count === 0 ? null : { activePowerKw: p, reactivePowerKvar: q };
}
