import type { Origin, Quality } from '../../shared/contracts/ids.ts';
import type { CodedText } from '../../shared/sentences/said.ts';

/** A value of the estimate with its standard error, and whether it was measured, estimated, or put in another's place. */
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
  /** Uncontrolled load at the bus (devices we command are apart), load convention. */
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

/** What a meter, or a switch, was found to be. */
export interface MeterFinding extends CodedText {
  /** Device id within the gateway: transformer, feeder-1, station-1-b18; of a wrong switch state the line that is closed. */
  readonly device: string;
  readonly finding: 'dead' | 'reversed' | 'gross-error' | 'stale' | 'wrong-switch';
  /** What of it is wrong; absent: all of it. */
  readonly channel?: 'power' | 'voltage';
  /** Plant time, ms UTC. */
  readonly since: number;
}

/** Where an input of the estimate came from: nothing missing is ever taken for zero. */
export interface InputProvenance extends CodedText {
  readonly element: string;
  readonly source: 'meter' | 'reversed-meter' | 'sum-of-heads' | 'profile' | 'last-value' | 'device' | 'model';
  readonly ageS: number | null;
  readonly quality: Quality;
}

/** One line open and another closed in its place: the network stays a tree. */
export interface Exchange {
  readonly open: string;
  readonly close: string;
}

/** The estimated state of one substation with its feeders at one time. */
export interface EstimateState {
  readonly substation: string;
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Seconds of plant time until the next one; absent: the interval of the reports. */
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
  /** What flows at the busbar besides the feeders, load convention. */
  readonly busbarRestKw: EstimatedValue;
  readonly buses: readonly EstimatedBus[];
  readonly branches: readonly EstimatedBranch[];
  readonly findings: readonly MeterFinding[];
  readonly provenance: readonly InputProvenance[];
  /** Lines that were exchanged by what the meters say; absent: switches stand as they are said to. */
  readonly exchange?: Exchange;
}
