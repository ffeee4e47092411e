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
 * unmetered load only adds noise), or it has moved against them from one steady state to the next. Neither counts where one
 * reversed head would explain it as well. A finding is withdrawn once the meter proves correct. `behindKw`: the power of the devices
 * behind each head, where all of them are heard.
 */
export function checkMeter(
  state: MeterCheckState | null,
  image: Image,
  { ratedKva, behindKw }: { readonly ratedKva: number | null; readonly behindKw: Readonly<Record<string, number>> },
): MeterCheckState | null {
  const meter = image.elements.get(TRANSFORMER);
  const heads = headsOf(image);
  if (meter?.fresh !== true || !finite(meter.activePowerKw) || heads === null) return state;
  const quiet = Math.abs(meter.activePowerKw) + Math.abs(meter.reactivePowerKvar ?? 0) < 1e-4 * (ratedKva ?? 1000);
  const carrying = Math.abs(heads.activePowerKw) > 0.02 * (ratedKva ?? 1000);
  const before: MeterCheckState = state ?? {
    lastTime: image.time,
    lastMeter: meter.activePowerKw,
    lastHeads: heads.activePowerKw,
    ...NO_SAMPLES,
    quietS: 0,
    finding: 'none',
  };
  const quietS = quiet ? (carrying ? Math.min(before.quietS + image.stepS, 1e6) : before.quietS) : 0;
  const move = moveOf(before.move, {
    heads: heads.activePowerKw,
    byHead: heads.byHead,
    byDevices: behindKw,
    meter: meter.activePowerKw,
    stepS: image.stepS,
    ratedKva: ratedKva ?? 1000,
  });
  const next: MeterCheckState = { ...before, quietS, move: move.left };
  // The absolute difference keeps sampling going after the clock was set back.
  if (Math.abs(image.time - before.lastTime) >= SAMPLE_S * 1000 || !areThose(before.heads, heads.byHead))
    Object.assign(next, sampled(before, { time: image.time, meter: meter.activePowerKw, ...heads }));
  const finding = findingOf(next);
  if (move.sign === null || finding === 'dead' || (finding === 'reversed' && move.sign < 0))
    return { ...next, finding };
  const { suspects: earlier, ...rest } = next;
  if (move.sign > 0) return { ...rest, ...(finding === 'reversed' ? NO_SAMPLES : {}), finding: 'none' };
  const suspects = move.suspects.filter((id) => earlier?.includes(id) ?? true);
  if (suspects.length > 0) return { ...rest, suspects, finding };
  // Discards samples from before the meter's sign changed.
  return { ...rest, ...NO_SAMPLES, finding: 'reversed' };
}

const NO_SAMPLES = { samples: 0, xx: 0, xy: 0, yy: 0, heads: {} } as const;

type Sample = Heads & { readonly time: number; readonly meter: number };

/** Adds a sample to the sums. They begin anew where the set of heads has changed. */
function sampled(before: MeterCheckState, { time, meter, activePowerKw, byHead }: Sample): Partial<MeterCheckState> {
  const last = { lastTime: time, lastMeter: meter, lastHeads: activePowerKw };
  const { heads: earlier = {} } = before;
  if (!areThose(earlier, byHead))
    return { ...last, ...NO_SAMPLES, heads: perHead(byHead, (kw) => ({ last: kw, misfit: 0 })) };
  const dx = activePowerKw - before.lastHeads;
  const dy = meter - before.lastMeter;
  return {
    ...last,
    samples: Math.min(before.samples + 1, 1e6),
    xx: FORGET * before.xx + dx * dx,
    xy: FORGET * before.xy + dx * dy,
    yy: FORGET * before.yy + dy * dy,
    heads: perHead(byHead, (kw, id) => {
      const own = kw - earlier[id]!.last;
      return { last: kw, misfit: FORGET * earlier[id]!.misfit + (dy - dx + 2 * own) ** 2 };
    }),
  };
}

function areThose(earlier: MeterCheckState['heads'] = {}, byHead: Heads['byHead']): boolean {
  const ids = Object.keys(byHead);
  return ids.length === Object.keys(earlier).length && ids.every((id) => id in earlier);
}

const perHead = <T>(
  byHead: Readonly<Record<string, number>>,
  value: (kw: number, id: string) => T,
): Record<string, T> => Object.fromEntries(Object.entries(byHead).map(([id, kw]) => [id, value(kw, id)]));

function findingOf(state: MeterCheckState): MeterCheckState['finding'] {
  const { quietS, samples, xx, finding } = state;
  if (quietS >= DEAD_AFTER_S) return 'dead';
  if (finding === 'dead' && quietS > 0) return 'dead';
  if (samples < MIN_SAMPLES || xx <= 0) return finding === 'dead' ? 'none' : finding;
  const { slope, error } = regression(state);
  if (slope < -0.5 && slope < -SIGNIFICANT * error && isAlone(state)) return 'reversed';
  if (slope > 0.5 && slope > SIGNIFICANT * error) return 'none';
  return finding === 'dead' ? 'none' : finding;
}

/** A reversed meter fits the samples significantly better than any reversed head would. */
function isAlone({ xx, xy, yy, samples, heads = {} }: MeterCheckState): boolean {
  const misfit = yy + 2 * xy + xx;
  const noise = misfit / Math.min(samples, 1 / (1 - FORGET));
  // The difference is four times the sum of the other heads' squared changes, and the noise enters through twice their sum.
  return Object.values(heads).every((head) => head.misfit - misfit > 4 * SIGNIFICANT ** 2 * noise);
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
    if (heads === null) elements.set(TRANSFORMER, silenced(transformer));
    else {
      const { activePowerKw, reactivePowerKvar } = heads;
      elements.set(TRANSFORMER, { ...transformer, activePowerKw, reactivePowerKvar, currentA: null });
    }
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

interface Heads {
  readonly activePowerKw: number;
  readonly reactivePowerKvar: number;
  readonly byHead: Readonly<Record<string, number>>;
}

/** Sum of the feeder heads, and each of them; null unless all of them are heard. */
function headsOf(image: Image): Heads | null {
  const byHead: Record<string, number> = {};
  let [p, q] = [0, 0];
  for (const head of image.elements.values()) {
    if (head.id === TRANSFORMER) continue;
    if (!head.fresh || !finite(head.activePowerKw)) return null;
    byHead[head.id] = head.activePowerKw;
    p += head.activePowerKw;
    q += head.reactivePowerKvar ?? 0;
  }
  return Object.keys(byHead).length === 0 ? null : { activePowerKw: p, reactivePowerKvar: q, byHead };
}
