import type { Origin, Quality } from '../../shared/contracts/ids.ts';
import type { CodedText } from '../../shared/sentences/said.ts';

/** A bus without a meter, and what one of its voltage would do to the error of the estimated voltages. */
export interface NextMeter {
  readonly bus: string;
  /** Root mean square over the feeders' buses of the voltage's standard error with that meter, pu. */
  readonly errorPu: number;
  /** Reduction of it by that meter, %. */
  readonly reductionPct: number;
}

/** A value of the estimate with its standard error and origin: measured, estimated, or substituted. */
export interface EstimatedValue {
  readonly value: number;
  /** Standard error, same unit. */
  readonly error: number;
  readonly origin: Origin;
}

export interface EstimatedBus {
  readonly id: string;
  readonly voltagePu: EstimatedValue;
  readonly angleDeg: number;
  /** Uncontrolled load at the bus (devices we command are separate), load convention. */
  readonly loadKw: number;
  readonly loadKvar: number;
}

export interface EstimatedBranch {
  readonly id: string;
  readonly closed: boolean;
  /** At the from side, positive from `from` to `to`. */
  readonly activePowerKw: EstimatedValue;
  readonly reactivePowerKvar: EstimatedValue;
  /** % of the rating; null where the branch has none. */
  readonly loadingPct: number | null;
}

/** What is wrong with a meter or a switch. */
export interface MeterFinding extends CodedText {
  /** Device id within the gateway: transformer, feeder-1, station-1-b18; for a wrong switch state, the closed line. */
  readonly device: string;
  readonly finding: 'dead' | 'reversed' | 'gross-error' | 'stale' | 'wrong-switch';
  /** The faulty channel; absent: the whole meter. */
  readonly channel?: 'power' | 'voltage';
  /** Plant time, ms UTC. */
  readonly since: number;
}

/** Source of an input of the estimate: a missing value never becomes zero. */
export interface InputProvenance extends CodedText {
  readonly element: string;
  readonly source: 'meter' | 'reversed-meter' | 'sum-of-heads' | 'profile' | 'last-value' | 'device' | 'model';
  readonly ageS: number | null;
  readonly quality: Quality;
}

/** One line open and another closed in its place; the network stays a tree. */
export interface Exchange {
  readonly open: string;
  readonly close: string;
}

/** The estimated state of one substation with its feeders at one time. */
export interface EstimateState {
  readonly substation: string;
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Seconds of plant time until the next estimate; absent: the reporting interval. */
  readonly everyS?: number;
  readonly topologyVersion: number;
  readonly converged: boolean;
  /** Net power of the transformer at its 12.66 kV side. */
  readonly transformer: {
    readonly activePowerKw: EstimatedValue;
    readonly reactivePowerKvar: EstimatedValue;
    readonly loadingPct: number;
    readonly tapPosition: EstimatedValue;
  };
  /** Flow at the busbar besides the feeders, load convention. */
  readonly busbarRestKw: EstimatedValue;
  readonly buses: readonly EstimatedBus[];
  readonly branches: readonly EstimatedBranch[];
  readonly findings: readonly MeterFinding[];
  readonly provenance: readonly InputProvenance[];
  /** Where a further voltage meter would lower the error most, best first; absent if not asked for. */
  readonly nextMeters?: readonly NextMeter[];
  /** Lines exchanged because the meters say so; absent: the switches stand as configured. */
  readonly exchange?: Exchange;
}
