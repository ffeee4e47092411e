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
  const shown = whitened(values, 0);
  let best: (Response & { rest: number }) | undefined;
  for (const lag of LAGS) {
    const steps = whitened(followed(on, { delay: 0, lag }), 0);
    for (let delay = 0; delay < DELAYS; delay++) {
      const line = regress(steps, shown, delay);
      if (line === undefined || (best !== undefined && line.rest >= best.rest)) continue;
      best = { gain: line.gain, level: line.offset + line.gain, delay, lag, rest: line.rest };
    }
  }
  return best;
}

/** The change at a meter that fits the steps best, with up to a few looks of extra delay. */
export function fitChange(steps: Float64Array, meter: Whitened): Change | undefined {
  const alike = whitened(steps, meter.memory);
  let best: Change | undefined;
  for (let delay = 0; delay < METER_DELAYS; delay++) {
    const line = regress(alike, meter, delay);
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

/** A series without the part that a noise with this memory repeats. */
export interface Whitened {
  readonly values: Float64Array;
  readonly memory: number;
  /** Number, sum and sum of squares of the known values after the first. */
  readonly n: number;
  readonly sum: number;
  readonly squares: number;
}

export function whitened(series: ArrayLike<number>, memory: number): Whitened {
  const values = new Float64Array(series.length);
  values[0] = series[0]!;
  let [n, sum, squares] = [0, 0, 0];
  for (let at = 1; at < values.length; at++) {
    const value = series[at]! - memory * series[at - 1]!;
    values[at] = value;
    if (Number.isNaN(value)) continue;
    n++;
    sum += value;
    squares += value * value;
  }
  return { values, memory, n, sum, squares };
}

/** Least squares of y over the steps, which are zero before the first and `delay` looks late. */
function regress({ values: steps }: Whitened, y: Whitened, delay: number): Line | undefined {
  const { values, memory, n, sum: sy, squares: syy } = y;
  let [sx, sxx, sxy] = [0, 0, 0];
  for (let at = Math.max(1, delay); at < values.length; at++) {
    const b = values[at]!;
    if (Number.isNaN(b)) continue;
    const a = steps[at - delay]!;
    sx += a;
    sxx += a * a;
    sxy += a * b;
  }
  const spread = sxx - (sx * sx) / n;
  if (n < 10 || spread <= 1e-9) return undefined;
  const gain = (sxy - (sx * sy) / n) / spread;
  const rest = Math.max(0, syy - (sy * sy) / n - gain * gain * spread);
  const offset = (sy - gain * sx) / n / (1 - memory);
  return { gain, offset, error: Math.sqrt(rest / (n - 2) / spread) + Number.EPSILON, rest };
}
