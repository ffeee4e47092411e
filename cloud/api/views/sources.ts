import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { Region, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { LinkView, ValueView } from '../../../shared/contracts/view.ts';
import type { EstimatedValue, EstimateState, MeterFinding } from '../../estimate/state.ts';
import type { Heard } from '../../gateways/gateway-book.ts';
import type { Sample } from '../../telemetry/store.ts';
import type { PlanRecord } from '../../plan/problem/ports.ts';

/** What the views are made from; the composition root wires it. */
export interface ViewSources {
  readonly region: Region;
  plantNow(): number;
  clock(): { readonly speed: number; readonly speedReached: number; readonly simulated: boolean };
  live(gateway: string, device: string, metric: string): Sample | undefined;
  estimate(substation: string): EstimateState | undefined;
  findings(substation: string): readonly MeterFinding[];
  link(gateway: string): LinkView;
  health(gateway: string): Heard | undefined;
  forecast(target: string): Forecast | undefined;
  plan(substation: string): PlanRecord | undefined;
  activeAlarms(gateway: string): number;
  ledger(gateway: string): {
    readonly storedFrames: number;
    readonly missingFrames: number;
    readonly refusedFrames: number;
  };
}

export const unknownValue: ValueView = { value: null, quality: 'bad', origin: 'measured', time: null };

/** A measured value; with `staleAfterMs` it turns uncertain when it is older than that. */
export function measuredView(sample: Sample | undefined, now: number, staleAfterMs: number): ValueView {
  if (sample === undefined) return unknownValue;
  const stale = now - sample.time > staleAfterMs;
  return {
    value: round(sample.value),
    quality: stale && sample.quality === 'good' ? 'uncertain' : sample.quality,
    origin: sample.origin,
    time: sample.time,
  };
}

export function estimatedView(value: EstimatedValue, state: EstimateState): ValueView {
  return {
    value: round(value.value),
    quality: state.converged ? (value.origin === 'substituted' ? 'uncertain' : 'good') : 'bad',
    origin: value.origin,
    time: state.time,
    error: round(value.error),
  };
}

/** Six significant digits: what is shown never carries more, and equal views make equal JSON. */
export const round = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(6)) : 0);

/** Twice the interval at which a meter of the meter plan reports, at least two minutes: report by exception adds up to 60 s. */
export function staleAfterMs(substation: RegionSubstation, device: string): number {
  const meter = substation.meters.find((each) => each.device === device);
  return Math.max(120_000, 2000 * (meter?.intervalS ?? 60));
}
