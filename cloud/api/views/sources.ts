import type { CommandView } from '../../../shared/contracts/command.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { PlanView } from '../../../shared/contracts/plan.ts';
import type { MeterPoint, Region, RegionSubstation } from '../../../shared/contracts/region.ts';
import { doubted, type Sample } from '../../../shared/contracts/sample.ts';
import type { LinkView, SubstationView, ValueView } from '../../../shared/contracts/view.ts';
import { isLive, reportIntervalS } from '../../../shared/time/staleness.ts';
import type { EstimatedValue, EstimateState, MeterFinding } from '../../estimate/state.ts';
import type { Heard } from '../../gateways/gateway-book.ts';
import type { Moment, ShownHealth } from '../../playback/moment.ts';

/** Sources of overview, map and diagram, for now or for a past moment. */
export interface DrawnSources {
  readonly region: Region;
  plantNow(): number;
  clock(): { readonly speed: number; readonly speedReached: number; readonly simulated: boolean };
  live(gateway: string, device: string, metric: string): Sample | undefined;
  estimate(substation: string): EstimateState | undefined;
  findings(substation: string): readonly MeterFinding[];
  link(gateway: string): LinkView;
  health(gateway: string): { readonly report: ShownHealth } | undefined;
  forecast(target: string): Forecast | undefined;
  plan(substation: string): { readonly plan: { readonly status: SubstationView['planStatus'] } } | undefined;
  /** Overrides in force. */
  overrides(): Moment['overrides'];
  /** Null if unknown. */
  activeAlarms(gateway: string): number | null;
  /** Only for the past: when the gateway's state was recorded; null if it was not. */
  recordedAt?(gateway: string): number | null;
}

/** Sources of the live views; the composition root wires it. */
export interface ViewSources extends DrawnSources {
  health(gateway: string): Heard | undefined;
  plan(substation: string): PlanView | undefined;
  overrides(): readonly CommandView[];
  ledger(gateway: string): {
    readonly storedFrames: number;
    readonly missingFrames: number;
    readonly refusedFrames: number;
  };
}

export const unknownValue: ValueView = { value: null, quality: 'bad', origin: 'measured', time: null };

/** The moment at which values are viewed. */
export interface LookedAt {
  /** Plant time, ms UTC. */
  readonly now: number;
  /** Requested speed, in plant seconds per machine second. */
  readonly speed: number;
}

export const momentOf = (sources: Pick<DrawnSources, 'plantNow' | 'clock'>): LookedAt => ({
  now: sources.plantNow(),
  speed: sources.clock().speed,
});

/** For the past: when the gateway's state was recorded. */
export const recordOf = (sources: DrawnSources, gateway: string): { readonly recordedAt?: number | null } =>
  sources.recordedAt === undefined ? {} : { recordedAt: sources.recordedAt(gateway) };

/** Returns a measured value with the interval of its meter. */
export const measuredView = (sample: Sample | undefined, moment: LookedAt, meterIntervalS?: number): ValueView =>
  sample === undefined
    ? unknownValue
    : aged(
        {
          value: round(sample.value),
          quality: sample.quality,
          origin: sample.origin,
          time: sample.time,
          intervalS: reportIntervalS(meterIntervalS),
        },
        moment,
      );

export const estimatedView = (value: EstimatedValue, state: EstimateState, moment: LookedAt): ValueView =>
  aged(
    {
      value: round(value.value),
      quality: state.converged ? (value.origin === 'substituted' ? 'uncertain' : 'good') : 'bad',
      origin: value.origin,
      time: state.time,
      error: round(value.error),
      intervalS: reportIntervalS(state.everyS),
    },
    moment,
  );

/** Lowers the quality of a stale value. */
const aged = (view: ValueView, { now, speed }: LookedAt): ValueView =>
  isLive(now - (view.time ?? Number.NaN), { intervalS: view.intervalS, speed })
    ? view
    : { ...view, quality: doubted(view.quality) };

/** Six significant digits: more are never shown, and equal views give equal JSON. */
export const round = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(6)) : 0);

/** Returns the series name of a meter's power, as trends use it. */
export function seriesOf({ gateway }: RegionSubstation, meter: MeterPoint | undefined): { readonly series?: string } {
  return meter === undefined ? {} : { series: `${gateway}/${meter.device}/activePowerKw` };
}
