import type { CommandView, SetpointWish } from './command.ts';
import type { FeederMode } from './ids.ts';
import type { PowerRange } from './plan.ts';
import type { TargetSource } from './report.ts';
import type { LinkView, ValueView } from './view.ts';

/**
 * What the operator's desk shows of devices and of acting on them: answers of GET /v1/devices and /v1/commands and messages of the
 * event stream. Powers in kW and kvar, load convention; a limit is a magnitude in the direction of the device.
 */
export type WishKey = keyof SetpointWish;

/** One value that a device takes, with the ends that its rating leaves. */
export interface SetpointRange {
  readonly key: WishKey;
  readonly min: number;
  readonly max: number;
  readonly unit: 'kW' | 'kvar' | 'pu' | 'steps';
}

/** One device in the list and in the dialog. */
export interface DeviceRowView {
  /** `owd-01/battery-1` */
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  readonly name: string;
  readonly type: string;
  readonly substation: string;
  readonly feeder: string;
  readonly authority: string;
  readonly activePowerKw: ValueView;
  /** Setpoint in force after limits, and what was wished before them; null: none, or not known. */
  readonly setpointKw: number | null;
  readonly wishedKw: number | null;
  readonly source: TargetSource | 'unknown';
  readonly limitedBy: string | null;
  readonly envelope: (PowerRange & { readonly by: string }) | null;
  /** Plant time, ms UTC. */
  readonly lastSeen: number | null;
  /** Gateway to device, and cloud to gateway. */
  readonly link: 'up' | 'stale' | 'never';
  readonly gatewayLink: LinkView['state'];
  readonly mode: FeederMode | null;
  readonly stopped: boolean | null;
  readonly tagged: boolean | null;
  readonly override: { readonly id: string; readonly user: string; readonly expiresAt: number } | null;
  /** What may be told to it; empty where it takes nothing. */
  readonly takes: readonly SetpointRange[];
}

export interface DevicePageView {
  readonly items: readonly DeviceRowView[];
  readonly nextCursor: string | null;
  /** Devices that fit the query in all. */
  readonly total: number;
}

/** A feeder and its substation at one power flow. */
export interface EffectState {
  readonly deviceKw: number;
  readonly deviceKvar: number;
  readonly feederKw: number;
  readonly feederLoadingPct: number | null;
  readonly transformerKw: number;
  readonly transformerLoadingPct: number;
  readonly voltageMinPu: number;
  readonly voltageMinBus: string;
  readonly voltageMaxPu: number;
  readonly voltageMaxBus: string;
  readonly lossesKw: number;
  readonly tapPosition: number;
}

/** What a setpoint does to the grid, by AC power flow at the newest estimate, before it is sent. */
export interface EffectView {
  /** Plant time of the estimate. */
  readonly time: number;
  readonly before: EffectState;
  readonly after: EffectState;
  /** Limits that are passed afterwards, in words; `isNew`: not before. */
  readonly beyond: readonly { readonly text: string; readonly isNew: boolean }[];
  /** What else is to be known, in words. */
  readonly notes: readonly string[];
}

/** Select before operate: what confirms it, once, by the same user with the same value. */
export interface SelectionView {
  readonly token: string;
  /** Machine time, and how long from now, ms. */
  readonly expiresAt: number;
  readonly expiresInMs: number;
  /**
   * The `select` that went to the gateway: it is confirmed once that is applied, which the event stream tells, or GET /v1/commands/{id}.
   * null: the gateway's software is of before that, and judges the override alone.
   */
  readonly command: CommandView | null;
}

/** What became of a selection that its user gives up. */
export interface GivenUpView {
  /** False: nothing stood any more that could be dropped: it was confirmed, or its time had run out. */
  readonly dropped: boolean;
  /**
   * The `cancel` that went to the gateway: the device is free once that is applied. null: the gateway holds nothing of it, or cannot be
   * told, for its link is down or its software is of before that; what it holds lapses by itself.
   */
  readonly command: CommandView | null;
}

/** What people do besides setpoints. `target`: `device:owd-01/battery-1`, `feeder:owd-1`, `substation:owd` or `region:north`. */
export type Act =
  | { readonly kind: 'stop' | 'resume' | 'tag' | 'untag' | 'normal'; readonly target: string }
  | { readonly kind: 'mode'; readonly target: string; readonly mode: FeederMode }
  | { readonly kind: 'approve-plan' | 'refuse-plan'; readonly target: string; readonly plan: string }
  | { readonly kind: 'emergency'; readonly target: string; readonly durationS: number };

/** The critical set, which takes two persons: limits relaxed, and what moves the whole fleet; a stop never waits. */
export const isCritical = ({ kind, target }: Pick<Act, 'kind' | 'target'>): boolean =>
  kind === 'emergency' || (target.startsWith('region:') && (kind === 'resume' || kind === 'mode'));

export type ApprovalState = 'waiting' | 'approved' | 'refused' | 'expired';

/** An act of the critical set: another person than who asks for it approves or refuses it. Machine time, ms UTC. */
export interface ApprovalView {
  readonly id: string;
  readonly act: Act;
  readonly user: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expiresInMs: number;
  readonly state: ApprovalState;
  readonly decidedBy: string | null;
  readonly why: string | null;
}

/** What an act has come to: commands that are under way, or a second person who is waited for. */
export interface ActAnswer {
  readonly commands: readonly CommandView[];
  readonly approval: ApprovalView | null;
}

export interface DeskFeederView {
  readonly id: string;
  readonly name: string;
  readonly mode: FeederMode | null;
  readonly devices: number;
  /** null: not known. */
  readonly stopped: number | null;
  readonly tagged: number | null;
  /** Plant time until which its limits are raised; null: they are not. */
  readonly emergencyUntil: number | null;
}

export interface DeskSubstationView {
  readonly id: string;
  readonly name: string;
  readonly gateway: string;
  readonly gatewayLink: LinkView['state'];
  /** All of the gateway; null: not known. */
  readonly stopped: boolean | null;
  readonly emergencyUntil: number | null;
  readonly plan: {
    readonly id: string;
    readonly status: string;
    readonly verdict: 'approved' | 'refused' | null;
  } | null;
  readonly feeders: readonly DeskFeederView[];
}

/** Modes, stops, tags and raised limits as the gateways tell them. */
export interface DeskView {
  readonly region: string;
  readonly substations: readonly DeskSubstationView[];
}

/** One spell in which a device was held off what it wished or was planned to do. Times are plant time, ms UTC. */
export interface InterventionView {
  readonly id: number;
  readonly gateway: string;
  readonly device: string;
  /** What held it. */
  readonly kind: 'guard' | 'grid-limit' | 'override' | 'local-manual' | 'stop';
  /** A person's name, or `guard`, or `cloud` for the limit that only the cloud knows. */
  readonly who: string;
  readonly startedAt: number;
  /** null: it goes on. */
  readonly endedAt: number | null;
  /** How deep at most: kW between what was wished and what was told. */
  readonly depthKw: number;
  readonly energyKwh: number;
  readonly why: string;
  /** The measurement that it rests on, in words. */
  readonly measurement: string;
}

/** Voltage of one measured place over a week, by EN 50160 with 10-min means. */
export interface VoltageQualityRow {
  readonly substation: string;
  readonly device: string;
  readonly element: string;
  readonly level: 'LV' | 'MV';
  readonly intervals: number;
  /** Intervals with a usable mean; what lacks one is not judged. */
  readonly measured: number;
  /** % of the measured means within ±10 % of nominal. */
  readonly withinPct: number | null;
  readonly neededPct: number;
  readonly lowestPu: number | null;
  readonly highestPu: number | null;
  readonly verdict: 'kept' | 'not kept' | 'not enough measured';
}
