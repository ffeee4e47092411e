import { bad, good, type Outcome } from '../outcome/outcome.ts';
import { gaussian, type Random } from '../ports/random.ts';
import { NETWORK_SIZES, NETWORK_WEIGHTS } from './network.ts';

/** Bounds on the delta that a gateway sends: its weights less the base, clipped, with noise if the task requires it. */
export interface DeltaRules {
  /** Largest L2 norm of a delta before noise. */
  readonly clip: number;
  /** Standard deviation of the Gaussian noise on each weight, as a multiple of the clip; 0: none. */
  readonly noiseMultiplier: number;
}

export function normOf(delta: Float32Array): number {
  let sum = 0;
  for (const value of delta) sum += value * value;
  return Math.sqrt(sum);
}

/** Scales a delta down to the norm `clip` if it is longer; the direction stays. */
export function clipped(delta: Float32Array, clip: number): Float32Array {
  const norm = normOf(delta);
  return norm <= clip ? delta : delta.map((value) => (value * clip) / norm);
}

/** Adds independent Gaussian noise of `sigma` to each weight (the Gaussian mechanism; Dwork and Roth, 2014, A). */
export const noised = (delta: Float32Array, sigma: number, random: Random): Float32Array =>
  sigma === 0 ? delta : delta.map((value) => value + sigma * gaussian(random));

/** What may leave the gateway: the difference, clipped, with the noise that the rules require. */
export function deltaOf(
  { base, weights }: { readonly base: Float32Array; readonly weights: Float32Array },
  { clip, noiseMultiplier }: DeltaRules,
  random: Random,
): Float32Array {
  const delta = weights.map((weight, i) => weight - base[i]!);
  return noised(clipped(delta, clip), noiseMultiplier * clip, random);
}

/** Upper bound on the norm of an honest delta: the clip, plus the noise over all weights, plus 20 % for chance and rounding. */
export const greatestNorm = ({ clip, noiseMultiplier }: DeltaRules): number =>
  1.2 * clip * Math.hypot(1, noiseMultiplier * Math.sqrt(NETWORK_WEIGHTS));

const LAYERS = NETWORK_SIZES.length - 1;
/** One float32 scale per layer, then eight bits per weight. */
export const DELTA_BYTES = 4 * LAYERS + NETWORK_WEIGHTS;
const LEAST_STEP = 1e-12;

const layerSpans = (): { readonly from: number; readonly to: number }[] => {
  let at = 0;
  return NETWORK_SIZES.slice(1).map((to, layer) => {
    const from = at;
    at += (NETWORK_SIZES[layer]! + 1) * to;
    return { from, to: at };
  });
};

/** Eight bits per weight with stochastic rounding, so that the expected value is the weight itself (QSGD; Alistarh et al., 2017). */
export function encodeDelta(delta: Float32Array, random: Random): Uint8Array {
  const out = new Uint8Array(DELTA_BYTES);
  const view = new DataView(out.buffer);
  for (const [layer, { from, to }] of layerSpans().entries()) {
    let most = 0;
    for (let i = from; i < to; i++) most = Math.max(most, Math.abs(delta[i]!));
    const step = Math.fround(Math.max(LEAST_STEP, most / 127));
    view.setFloat32(4 * layer, step, true);
    for (let i = from; i < to; i++) {
      const whole = Math.floor(delta[i]! / step + random.next());
      view.setInt8(4 * LAYERS + i, Math.max(-127, Math.min(127, whole)));
    }
  }
  return out;
}

/**
 * Decodes a delta from a gateway that may lie. LS-FED-001: wrong length for the network; LS-FED-002: not finite; LS-FED-003: norm above the
 * bound for an honest delta.
 */
export function decodeDelta(bytes: Uint8Array, rules: DeltaRules): Outcome<Float32Array> {
  if (bytes.length !== DELTA_BYTES)
    return bad('LS-FED-001', `the delta has ${bytes.length} bytes instead of ${DELTA_BYTES}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delta = new Float32Array(NETWORK_WEIGHTS);
  for (const [layer, { from, to }] of layerSpans().entries()) {
    const step = view.getFloat32(4 * layer, true);
    if (!Number.isFinite(step)) return bad('LS-FED-002', `the scale of layer ${layer + 1} is not finite`);
    for (let i = from; i < to; i++) delta[i] = step * view.getInt8(4 * LAYERS + i);
  }
  const norm = normOf(delta);
  if (!Number.isFinite(norm)) return bad('LS-FED-002', 'its weights are not finite');
  const most = greatestNorm(rules);
  if (norm > most) return bad('LS-FED-003', `its norm is ${norm.toPrecision(3)}; the limit is ${most.toPrecision(3)}`);
  return good(delta);
}
