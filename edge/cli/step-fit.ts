/** How a device follows its steps: `gain` is the change when switched on, `level` the value when on. */
export interface Response {
  readonly gain: number;
  readonly level: number;
  /** Dead time, and the time constant of the response after it, in looks. */
  readonly delay: number;
  readonly lag: number;
}

/** A change correlated with the steps, and its standard error. */
export interface Change {
  readonly gain: number;
  readonly error: number;
  readonly delay: number;
}

const DELAYS = 31;
const LAGS = [0, 1, 2, 4, 8];
const METER_DELAYS = 6;

/** The steps as followed by a device with this dead time and time constant. */
export function followed(on: ArrayLike<number>, { delay, lag }: Pick<Response, 'delay' | 'lag'>): Float64Array {
  const values = new Float64Array(on.length);
  const share = lag === 0 ? 1 : 1 - Math.exp(-1 / lag);
  let value = 0;
  for (let at = delay; at < on.length; at++) {
    value += share * (on[at - delay]! - value);
    values[at] = value;
  }
  return values;
}

/** The response that explains the device's own values best; NaN marks a missing value. */
export function fitResponse(on: ArrayLike<number>, values: ArrayLike<number>): Response | undefined {
  const shown = Float64Array.from(values);
  let best: (Response & { rest: number }) | undefined;
  for (const lag of LAGS) {
    const steps = followed(on, { delay: 0, lag });
    for (let delay = 0; delay < DELAYS; delay++) {
      const line = regress({ steps, delay }, shown, 0);
      if (line === undefined || (best !== undefined && line.rest >= best.rest)) continue;
      best = { gain: line.gain, level: line.offset + line.gain, delay, lag, rest: line.rest };
    }
  }
  return best;
}

/** The change at a meter that fits the steps best, with up to a few looks of extra delay. */
export function fitChange(steps: Float64Array, meter: ArrayLike<number>, memory: number): Change | undefined {
  const shown = Float64Array.from(meter);
  let best: Change | undefined;
  for (let delay = 0; delay < METER_DELAYS; delay++) {
    const line = regress({ steps, delay }, shown, memory);
    if (line === undefined) continue;
    if (best === undefined || strength(line) > strength(best)) best = { gain: line.gain, error: line.error, delay };
  }
  return best;
}

/** Size in standard errors. */
export const strength = ({ gain, error }: Pick<Change, 'gain' | 'error'>): number => Math.abs(gain) / error;

/** Correlation of each value of a noise with the previous one, clamped to 0..0.95. */
export function memoryOf(noise: readonly number[]): number {
  const heard = noise.filter((value) => !Number.isNaN(value));
  const mean = heard.reduce((sum, value) => sum + value, 0) / heard.length;
  let [own, next] = [0, 0];
  for (let at = 1; at < heard.length; at++) {
    own += (heard[at - 1]! - mean) ** 2;
    next += (heard[at - 1]! - mean) * (heard[at]! - mean);
  }
  return own === 0 ? 0 : Math.min(0.95, Math.max(0, next / own));
}

interface Line {
  readonly gain: number;
  readonly offset: number;
  readonly error: number;
  /** Sum of the squared residuals. */
  readonly rest: number;
}

interface Delayed {
  readonly steps: Float64Array;
  /** Delay in looks; zero before the first step. */
  readonly delay: number;
}

/** Least squares of y over steps, both without the part that a noise with this memory repeats. */
function regress({ steps, delay }: Delayed, y: Float64Array, memory: number): Line | undefined {
  let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
  for (let at = 1; at < y.length; at++) {
    const from = at - delay;
    const a = from < 0 ? 0 : steps[from]! - (from === 0 ? 0 : memory * steps[from - 1]!);
    const b = y[at]! - memory * y[at - 1]!;
    if (Number.isNaN(b)) continue;
    n++;
    sx += a;
    sy += b;
    sxx += a * a;
    sxy += a * b;
    syy += b * b;
  }
  const spread = sxx - (sx * sx) / n;
  if (n < 10 || spread <= 1e-9) return undefined;
  const gain = (sxy - (sx * sy) / n) / spread;
  const rest = Math.max(0, syy - (sy * sy) / n - gain * gain * spread);
  const offset = (sy - gain * sx) / n / (1 - memory);
  return { gain, offset, error: Math.sqrt(rest / (n - 2) / spread) + Number.EPSILON, rest };
}
