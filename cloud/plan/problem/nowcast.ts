import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import { termsOf } from '../../../shared/forecast/uncontrolled.ts';
import type { EstimatedValue, EstimateState } from '../../estimate/state.ts';
import { Z_TAIL, type Quantiles } from './series.ts';

/**
 * The present measurement shows how wrong a forecast is now, and partly how wrong it will be soon. The error is modelled as autoregressive
 * of first order (an Ornstein-Uhlenbeck process): after h hours exp(-h / NOWCAST_H) of it remains.
 */
const NOWCAST_H = 0.75;

/** The present value of what a forecast predicts: kW, and its standard error. */
export interface Seen {
  readonly kw: number;
  readonly errorKw: number;
}

/** Share of the present error that remains. */
export const correlationAt = (leadH: number): number => Math.exp(-leadH / NOWCAST_H);

/**
 * A forecast's corners once its present error is known: the undecided part of its spread, sqrt(1 - correlation^2) of it (variance of a
 * first-order autoregressive forecast; Box, Jenkins, Reinsel, Ljung: Time Series Analysis, 5.4), and the error of the measurement. Never
 * wider than the forecast. `leadH`: hours from the measurement to each step's end.
 */
export function narrowed({ mid, low, high }: Quantiles, errorKw: number, leadH: readonly number[]): Quantiles {
  const spread = (whole: number, step: number): number => {
    const correlation = correlationAt(leadH[step]!);
    return Math.min(
      whole,
      Math.hypot(whole * Math.sqrt(1 - correlation * correlation), Z_TAIL * errorKw * correlation),
    );
  };
  return {
    mid,
    low: mid.map((kw, step) => kw - spread(kw - low[step]!, step)),
    high: mid.map((kw, step) => kw + spread(high[step]! - kw, step)),
  };
}

/** A forecast whose corners include passing clouds, and how much of them that is, kW per step as magnitudes. */
export interface Clouded extends Quantiles {
  readonly cloudUpKw: readonly number[];
  readonly cloudDownKw: readonly number[];
}

/** Like `narrowed`, but clouds move the measured value by a standard deviation of `cloudKw` within minutes. */
export function clouded(
  forecast: Quantiles,
  { errorKw, cloudKw }: { readonly errorKw: number; readonly cloudKw: number },
  leadH: readonly number[],
): Clouded {
  const calm = narrowed(forecast, errorKw, leadH);
  const whole = narrowed(forecast, Math.hypot(errorKw, cloudKw), leadH);
  return {
    ...whole,
    cloudUpKw: whole.high.map((kw, step) => kw - calm.high[step]!),
    cloudDownKw: whole.low.map((kw, step) => calm.low[step]! - kw),
  };
}

/** Like `narrowed`, with the whole forecast shifted by what remains of its present error in each step. */
export function nowcast(forecast: Quantiles, { kw, errorKw }: Seen, leadH: readonly number[]): Quantiles {
  const beyond = kw - (forecast.mid[0] ?? kw);
  const { mid, low, high } = narrowed(forecast, errorKw, leadH);
  const move = (values: readonly number[]): number[] =>
    values.map((value, step) => value + beyond * correlationAt(leadH[step]!));
  return { mid: move(mid), low: move(low), high: move(high) };
}

/**
 * The uncontrolled load of a substation now: the estimate at its transformer less what its devices do (curtailed sun counts as fed in).
 * Undefined if a device's part is unknown; `live` returns no stale values.
 */
export function uncontrolledNow(
  { devices }: Pick<RegionSubstation, 'devices'>,
  { transformer }: Pick<EstimateState, 'transformer'>,
  live: (device: string, metric: string) => number | undefined,
): Seen | undefined {
  const { value, error }: EstimatedValue = transformer.activePowerKw;
  let kw = value;
  for (const { device, metric, factor } of devices.flatMap(termsOf)) {
    const reading = live(device, metric);
    if (reading === undefined) return undefined;
    kw += factor * reading;
  }
  return { kw, errorKw: error };
}
