import { Type, type Static } from 'typebox';
import { CommandView, SetpointWish } from './command.ts';
import { FeederMode } from './ids.ts';
import type { Immutable } from './immutable.ts';
import { PowerRange } from './plan.ts';
import { LastSet, TargetSource } from './report.ts';
import { LinkView, ValueView } from './view.ts';

/**
 * What the operator's desk shows about devices and commands: answers of GET /v1/devices and /v1/commands, and messages of the event stream.
 * Power in kW and kvar, load convention; a limit is a magnitude in the direction of the device.
 */
export const WishKey = Type.KeyOf(SetpointWish);
export type WishKey = Static<typeof WishKey>;

/** One value that a device accepts, with the bounds of its rating. */
export const SetpointRange = Type.Object(
  {
    key: WishKey,
    min: Type.Number(),
    max: Type.Number(),
    unit: Type.Union([Type.Literal('kW'), Type.Literal('kvar'), Type.Literal('pu'), Type.Literal('steps')]),
  },
  { title: 'SetpointRange' },
);
export type SetpointRange = Immutable<Static<typeof SetpointRange>>;

/** One device, in the list and in the dialog. */
export const DeviceRowView = Type.Object(
  {
    /** `owd-01/battery-1` */
    id: Type.String(),
    gateway: Type.String(),
    device: Type.String(),
    name: Type.String(),
    type: Type.String(),
    substation: Type.String(),
    feeder: Type.String(),
    authority: Type.String(),
    activePowerKw: ValueView,
    /** Setpoint in force after limits, and the wish before limits; null if there is none or it is unknown. */
    setpointKw: Type.Union([Type.Number(), Type.Null()]),
    wishedKw: Type.Union([Type.Number(), Type.Null()]),
    source: Type.Union([TargetSource, Type.Literal('unknown')]),
    /** Present if nothing commands the device and it continues with its last setpoint. */
    lastSet: Type.Optional(LastSet),
    limitedBy: Type.Union([Type.String(), Type.Null()]),
    envelope: Type.Union([Type.Object({ ...PowerRange.properties, by: Type.String() }), Type.Null()]),
    /** Plant time, ms UTC. */
    lastSeen: Type.Union([Type.Number(), Type.Null()]),
    /** Gateway to device; `gatewayLink` is cloud to gateway. */
    link: Type.Union([Type.Literal('up'), Type.Literal('stale'), Type.Literal('never')]),
    gatewayLink: LinkView.properties.state,
    mode: Type.Union([FeederMode, Type.Null()]),
    stopped: Type.Union([Type.Boolean(), Type.Null()]),
    tagged: Type.Union([Type.Boolean(), Type.Null()]),
    override: Type.Union([
      Type.Object({
        id: Type.String(),
        user: Type.String(),
        expiresAt: Type.Number(),
      }),
      Type.Null(),
    ]),
    /** Setpoints that the device accepts; empty if none. */
    takes: Type.Array(SetpointRange),
  },
  { title: 'DeviceRowView' },
);
export type DeviceRowView = Immutable<Static<typeof DeviceRowView>>;

export const DevicePageView = Type.Object(
  {
    items: Type.Array(DeviceRowView),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
    /** Number of devices that match the query. */
    total: Type.Number(),
  },
  { title: 'DevicePageView' },
);
export type DevicePageView = Immutable<Static<typeof DevicePageView>>;

/** A feeder and its substation in one power flow. */
export const EffectState = Type.Object(
  {
    deviceKw: Type.Number(),
    deviceKvar: Type.Number(),
    feederKw: Type.Number(),
    feederLoadingPct: Type.Union([Type.Number(), Type.Null()]),
    transformerKw: Type.Number(),
    transformerLoadingPct: Type.Number(),
    voltageMinPu: Type.Number(),
    voltageMinBus: Type.String(),
    voltageMaxPu: Type.Number(),
    voltageMaxBus: Type.String(),
    lossesKw: Type.Number(),
    tapPosition: Type.Number(),
  },
  { title: 'EffectState' },
);
export type EffectState = Immutable<Static<typeof EffectState>>;

/** Effect of a setpoint on the grid before it is sent, by AC power flow at the newest estimate. */
export const EffectView = Type.Object(
  {
    /** Plant time of the estimate. */
    time: Type.Number(),
    before: EffectState,
    after: EffectState,
    /** Limits exceeded afterwards, in words. `isNew`: not exceeded before. */
    beyond: Type.Array(
      Type.Object({
        text: Type.String(),
        isNew: Type.Boolean(),
      }),
    ),
    /** Further remarks, in words. */
    notes: Type.Array(Type.String()),
  },
  { title: 'EffectView' },
);
export type EffectView = Immutable<Static<typeof EffectView>>;

/** Select before operate. The same user confirms a selection once, with the same value. */
export const SelectionView = Type.Object(
  {
    token: Type.String(),
    /** Machine time, and the remaining time in ms. */
    expiresAt: Type.Number(),
    expiresInMs: Type.Number(),
    /**
     * The `select` sent to the gateway. The selection can be confirmed once it is applied; the event stream and GET /v1/commands/{id}
     * report that. Null: the gateway is too old to select and judges only the override.
     */
    command: Type.Union([CommandView, Type.Null()]),
  },
  { title: 'SelectionView' },
);
export type SelectionView = Immutable<Static<typeof SelectionView>>;

/** Result when a user gives up a selection. */
export const GivenUpView = Type.Object(
  {
    /** False if nothing was left to drop, because the selection was confirmed or had expired. */
    dropped: Type.Boolean(),
    /**
     * The `cancel` sent to the gateway. The device is free once it is applied. Null: the gateway holds nothing, is unreachable or is too
     * old; any selection there expires by itself.
     */
    command: Type.Union([CommandView, Type.Null()]),
  },
  { title: 'GivenUpView' },
);
export type GivenUpView = Immutable<Static<typeof GivenUpView>>;

/** Acts of people other than setpoints. `target`: `device:owd-01/battery-1`, `feeder:owd-1`, `substation:owd` or `region:north`. */
export const Act = Type.Union([
  Type.Object({
    kind: Type.Union([
      Type.Literal('stop'),
      Type.Literal('resume'),
      Type.Literal('tag'),
      Type.Literal('untag'),
      Type.Literal('normal'),
    ]),
    target: Type.String(),
  }),
  Type.Object({
    kind: Type.Literal('mode'),
    target: Type.String(),
    mode: FeederMode,
  }),
  Type.Object({
    kind: Type.Union([Type.Literal('approve-plan'), Type.Literal('refuse-plan')]),
    target: Type.String(),
    plan: Type.String(),
  }),
  Type.Object({
    kind: Type.Literal('emergency'),
    target: Type.String(),
    durationS: Type.Number(),
  }),
]);
export type Act = Immutable<Static<typeof Act>>;

export const ApprovalState = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('approved'),
  Type.Literal('refused'),
  Type.Literal('expired'),
]);
export type ApprovalState = Immutable<Static<typeof ApprovalState>>;

/** An act of the critical set. A person other than the requester approves or refuses it. Machine time, ms UTC. */
export const ApprovalView = Type.Object(
  {
    id: Type.String(),
    act: Act,
    user: Type.String(),
    reason: Type.String(),
    createdAt: Type.Number(),
    expiresInMs: Type.Number(),
    state: ApprovalState,
    decidedBy: Type.Union([Type.String(), Type.Null()]),
    why: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'ApprovalView' },
);
export type ApprovalView = Immutable<Static<typeof ApprovalView>>;

/** Result of an act: commands under way, or a pending approval by a second person. */
export const ActAnswer = Type.Object(
  {
    commands: Type.Array(CommandView),
    approval: Type.Union([ApprovalView, Type.Null()]),
  },
  { title: 'ActAnswer' },
);
export type ActAnswer = Immutable<Static<typeof ActAnswer>>;

export const DeskFeederView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    mode: Type.Union([FeederMode, Type.Null()]),
    devices: Type.Number(),
    /** null if not known. */
    stopped: Type.Union([Type.Number(), Type.Null()]),
    tagged: Type.Union([Type.Number(), Type.Null()]),
    /** Plant time until which its limits are raised; null if they are not. */
    emergencyUntil: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'DeskFeederView' },
);
export type DeskFeederView = Immutable<Static<typeof DeskFeederView>>;

export const DeskSubstationView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    gateway: Type.String(),
    gatewayLink: LinkView.properties.state,
    /** The whole gateway is stopped; null if not known. */
    stopped: Type.Union([Type.Boolean(), Type.Null()]),
    emergencyUntil: Type.Union([Type.Number(), Type.Null()]),
    plan: Type.Union([
      Type.Object({
        id: Type.String(),
        status: Type.String(),
        verdict: Type.Union([Type.Literal('approved'), Type.Literal('refused'), Type.Null()]),
      }),
      Type.Null(),
    ]),
    feeders: Type.Array(DeskFeederView),
  },
  { title: 'DeskSubstationView' },
);
export type DeskSubstationView = Immutable<Static<typeof DeskSubstationView>>;

/** Modes, stops, tags and raised limits as reported by the gateways. */
export const DeskView = Type.Object(
  {
    region: Type.String(),
    substations: Type.Array(DeskSubstationView),
  },
  { title: 'DeskView' },
);
export type DeskView = Immutable<Static<typeof DeskView>>;

/** One intervention: a period in which a device was kept from its wish or plan. Times are plant time, ms UTC. */
export const InterventionView = Type.Object(
  {
    id: Type.Number(),
    gateway: Type.String(),
    device: Type.String(),
    /** What restrained the device. */
    kind: Type.Union([
      Type.Literal('guard'),
      Type.Literal('grid-limit'),
      Type.Literal('override'),
      Type.Literal('local-manual'),
      Type.Literal('stop'),
    ]),
    /** A person's name, `guard`, or `cloud` for the limit that only the cloud knows. */
    who: Type.String(),
    startedAt: Type.Number(),
    /** null if it is ongoing. */
    endedAt: Type.Union([Type.Number(), Type.Null()]),
    /** Largest difference between wish and setpoint, kW. */
    depthKw: Type.Number(),
    energyKwh: Type.Number(),
    why: Type.String(),
    /** The measurement behind it, in words. */
    measurement: Type.String(),
  },
  { title: 'InterventionView' },
);
export type InterventionView = Immutable<Static<typeof InterventionView>>;

/** Voltage at one measured place over a week, judged by EN 50160 on 10-min means. */
export const VoltageQualityRow = Type.Object(
  {
    substation: Type.String(),
    device: Type.String(),
    element: Type.String(),
    level: Type.Union([Type.Literal('LV'), Type.Literal('MV')]),
    intervals: Type.Number(),
    /** Intervals with a usable mean. Intervals without one are not judged. */
    measured: Type.Number(),
    /** Share of the measured means within ±10 % of nominal, %. */
    withinPct: Type.Union([Type.Number(), Type.Null()]),
    neededPct: Type.Number(),
    lowestPu: Type.Union([Type.Number(), Type.Null()]),
    highestPu: Type.Union([Type.Number(), Type.Null()]),
    verdict: Type.Union([Type.Literal('kept'), Type.Literal('not kept'), Type.Literal('not enough measured')]),
  },
  { title: 'VoltageQualityRow' },
);
export type VoltageQualityRow = Immutable<Static<typeof VoltageQualityRow>>;
