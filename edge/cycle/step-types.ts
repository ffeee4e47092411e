import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { TargetSource } from '../../shared/contracts/report.ts';
import type { SunPlace } from '../../shared/grid/clear-sky.ts';
import type { EnvelopeSettings } from '../control/envelope.ts';
import type { Image } from '../control/image.ts';
import type { FaultyMeters } from '../control/meter-check.ts';
import type { Rung } from '../control/ladder.ts';
import type { DeviceSpec, ElementSpec } from '../control/model.ts';
import type { QuantileForecast } from '../../shared/forecast/naive.ts';
import type { Setpoint } from '../control/setpoint.ts';
import type { GuardFinding } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import type { PointSpec } from '../safety/connection-point.ts';
import type { Excess, GuardSettings, Intervention } from '../safety/guard-types.ts';
import type { LimitName } from '../safety/limits.ts';
import type { ThermalLimit } from '../safety/thermal-limit.ts';

/** What stays constant during a run. */
export interface Site {
  readonly specs: readonly DeviceSpec[];
  readonly elements: readonly ElementSpec[];
  readonly points: readonly PointSpec[];
  readonly guard: GuardSettings;
  /** Time at rated power that batteries keep in reserve in both directions for endangered equipment, s. */
  readonly reserveS: number;
  readonly envelope: EnvelopeSettings;
  readonly heartbeatLostS: number;
  readonly topologyVersion: number | null;
  /** Location for the sun's position; null if not configured. */
  readonly place: SunPlace | null;
}

export interface StepInput {
  readonly site: Site;
  readonly image: Image;
  readonly state: ControlState;
  /** The newest accepted plan, whether or not it is valid now. */
  readonly plan: PlanDocument | null;
  readonly forecast: QuantileForecast | null;
  /** Uniform in [0, 1), drawn for this cycle. */
  readonly chance: number;
  /** False: a tag, stop or mode from before the start may bar commands that `state` does not know of. */
  readonly isRestored?: boolean;
}

/** What one device is commanded, and why. */
export interface Decision {
  readonly device: string;
  readonly source: TargetSource;
  readonly subject: string | null;
  /** What goes to the driver; empty: no command. */
  readonly setpoint: Setpoint;
  /** Signed kW of the lever after limits; null: no command. */
  readonly kw: number | null;
  readonly wishedKw: number | null;
  readonly limitedBy: LimitName | 'ramp' | null;
  /** kW that guard and grid limit take from what the device would give or take now. */
  readonly reliefKw: number;
  /** The source of the wish and the limit that changed it, in words. */
  readonly reason: string;
  /** Limits that an earlier limit left no room. */
  readonly losers: readonly LimitName[];
  readonly urgent: boolean;
  /** Envelope in force. */
  readonly envelope: PowerRange | null;
}

export interface StepResult {
  readonly state: ControlState;
  /** The image as control used it, with a bad transformer meter corrected. */
  readonly image: Image;
  readonly decisions: readonly Decision[];
  readonly rung: Rung;
  readonly planStep: number | null;
  /** Values past their limits, relieved or not. */
  readonly passed: readonly Excess[];
  readonly interventions: readonly Intervention[];
  /** No device is commanded; decisions are only displayed. */
  readonly shown: boolean;
  /** Elements with a limit whose value is missing. */
  readonly silent: readonly string[];
  /** Levers that do not relieve as they should, and meters that seem to read wrong. */
  readonly findings: readonly GuardFinding[];
  /** kW that guard and grid limit take from what devices would give or take now. */
  readonly reliefKw: number;
  /** Meters found to read wrong, by this gateway or by the cloud. */
  readonly liars: FaultyMeters;
  /** The guard or the grid limit restricts a device. */
  readonly guardActive: boolean;
  readonly deadBus: boolean;
  /** Set where the transformer is loaded by its hot spot; otherwise null. */
  readonly thermal: ThermalLimit | null;
}
