import type { CommandView } from './command.ts';
import type { AlarmDeskView } from './alarm.ts';
import type { AreasView } from './areas.ts';
import { Type, type Static } from 'typebox';
import { EventKind, EventParameters, Severity } from './event.ts';
import { FeederMode } from './ids.ts';
import type { IncidentView } from './incident.ts';
import type { Immutable } from './immutable.ts';
import { HealthReport, LastSet } from './report.ts';
import { Sentence, SentenceList } from './sentence.ts';
import { Sample } from './sample.ts';

/**
 * What the dashboard shows: answers of GET /v1/view/* and messages of the event stream GET /v1/stream (SSE). Every value carries quality,
 * origin and time; an unknown value is null, never zero.
 */
export const ValueView = Type.Object(
  {
    ...Sample.properties,
    value: Type.Union([Sample.properties.value, Type.Null()]),
    /** Null if there has never been a value. */
    time: Type.Union([Sample.properties.time, Type.Null()]),
    /** Standard error of an estimate, same unit. */
    error: Type.Optional(Type.Number()),
    /** Reporting interval of its source, s. It determines when the value is stale. */
    intervalS: Type.Optional(Type.Number()),
  },
  { title: 'ValueView' },
);
export type ValueView = Immutable<Static<typeof ValueView>>;

export const MeterFindingView = Type.Object(
  {
    device: Type.String(),
    finding: Type.Union([
      Type.Literal('dead'),
      Type.Literal('reversed'),
      Type.Literal('gross-error'),
      Type.Literal('stale'),
      Type.Literal('wrong-switch'),
    ]),
    since: Type.Number(),
    text: Type.String(),
    /** The code and values behind the text. Absent if an older version stored it. */
    code: Type.Optional(Type.String()),
    parameters: Type.Optional(Sentence.properties.parameters),
  },
  { title: 'MeterFindingView' },
);
export type MeterFindingView = Immutable<Static<typeof MeterFindingView>>;

export const LinkView = Type.Object(
  {
    /** Link from cloud to gateway. `unknown`: it was not recorded. */
    state: Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('never'), Type.Literal('unknown')]),
    since: Type.Union([Type.Number(), Type.Null()]),
    lastFrame: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'LinkView' },
);
export type LinkView = Immutable<Static<typeof LinkView>>;

/** Something that the plan does not control: a mode, a person's act, the guard, or limits raised to their emergency values. */
export const ControlView = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('monitor'),
      Type.Literal('manual'),
      Type.Literal('override'),
      Type.Literal('stop'),
      Type.Literal('tag'),
      Type.Literal('guard'),
      Type.Literal('emergency'),
    ]),
    /** Null: the whole substation. */
    feeder: Type.Union([Type.String(), Type.Null()]),
    device: Type.Union([Type.String(), Type.Null()]),
    /** User of an override given at this cloud. */
    by: Type.Union([Type.String(), Type.Null()]),
    /** Plant time, ms UTC. Null: until somebody ends it, or the guard releases it. */
    until: Type.Union([Type.Number(), Type.Null()]),
    /** Relief by the guard, kW. */
    kw: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'ControlView' },
);
export type ControlView = Immutable<Static<typeof ControlView>>;

const recordedAt = Type.Optional(
  Type.Union([Type.Number(), Type.Null()], {
    description:
      'In a view of the past: when the report of its gateway was recorded, ms UTC; null: not recorded, so unknown',
  }),
);
const past = Type.Optional(
  Type.Literal(true, { description: 'Present if the view is played back; absent if it is live' }),
);

/** One substation on the map and in the overview. */
export const SubstationView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    latitude: Type.Number(),
    longitude: Type.Number(),
    gateway: Type.String(),
    feeders: Type.Array(Type.String()),
    /** Net power of the transformer: measured, or estimated if its meter is not usable. */
    activePowerKw: ValueView,
    /** Series of its meter, as named in trends. Absent if it has no meter. */
    series: Type.Optional(Type.String()),
    /** Series of the meters at its feeders' heads. */
    headSeries: Type.Array(Type.String()),
    loadingPct: ValueView,
    limits: Type.Object({
      importKw: Type.Number(),
      exportKw: Type.Number(),
    }),
    voltageMinPu: ValueView,
    voltageMaxPu: ValueView,
    /** Narrowest voltage limits among its buses. Absent: EN 50160 applies. */
    voltageLimits: Type.Optional(
      Type.Object({
        vMinPu: Type.Number(),
        vMaxPu: Type.Number(),
      }),
    ),
    /** Buses where one more voltage meter would lower the estimate's error most, best first. Absent: not known. */
    nextMeters: Type.Optional(
      Type.Array(
        Type.Object({
          bus: Type.String(),
          /** Root mean square over the feeders' buses of the estimated voltage's standard error, with that meter. */
          errorPu: Type.Number(),
          /** Reduction of that error by the meter. */
          reductionPct: Type.Number(),
        }),
      ),
    ),
    forecastPeak: Type.Union([
      Type.Object({
        kw: Type.Number(),
        at: Type.Number(),
      }),
      Type.Null(),
    ]),
    findings: Type.Array(MeterFindingView),
    control: Type.Array(ControlView),
    /** Null if alarms were not recorded. */
    alarms: Type.Union([Type.Number(), Type.Null()]),
    link: LinkView,
    planStatus: Type.Union([
      Type.Literal('optimal'),
      Type.Literal('holds-at-median'),
      Type.Literal('least-violation'),
      Type.Literal('envelopes-only'),
      Type.Literal('none'),
      Type.Literal('unknown'),
    ]),
    recordedAt,
  },
  { title: 'SubstationView' },
);
export type SubstationView = Immutable<Static<typeof SubstationView>>;

export const BusView = Type.Object(
  {
    id: Type.String(),
    voltagePu: ValueView,
    x: Type.Number(),
    y: Type.Number(),
    vMinPu: Type.Number(),
    vMaxPu: Type.Number(),
  },
  { title: 'BusView' },
);
export type BusView = Immutable<Static<typeof BusView>>;

export const BranchView = Type.Object(
  {
    id: Type.String(),
    from: Type.String(),
    to: Type.String(),
    closed: Type.Boolean(),
    activePowerKw: ValueView,
    loadingPct: ValueView,
  },
  { title: 'BranchView' },
);
export type BranchView = Immutable<Static<typeof BranchView>>;

export const DeviceView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    type: Type.String(),
    bus: Type.String(),
    activePowerKw: ValueView,
    setpointKw: Type.Union([Type.Number(), Type.Null()]),
    source: Type.String(),
    /** Present if nothing commands the device and it continues with its last setpoint. */
    lastSet: Type.Optional(LastSet),
    limitedBy: Type.Union([Type.String(), Type.Null()]),
    socPct: Type.Union([ValueView, Type.Null()]),
    link: Type.Union([Type.Literal('up'), Type.Literal('stale'), Type.Literal('never'), Type.Literal('unknown')]),
  },
  { title: 'DeviceView' },
);
export type DeviceView = Immutable<Static<typeof DeviceView>>;

/** The one-line diagram of a feeder. */
export const FeederView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    substation: Type.String(),
    /** `unknown`: its gateway has not reported it, or it was not recorded. */
    mode: Type.Union([FeederMode, Type.Literal('unknown')]),
    time: Type.Number(),
    estimateFrom: Type.String(),
    /** Code and values of `estimateFrom`. */
    sentences: Type.Optional(SentenceList),
    head: Type.Object({
      activePowerKw: ValueView,
      loadingPct: ValueView,
      series: Type.Optional(Type.String()),
      limits: Type.Optional(Type.Object({ importKw: Type.Number(), exportKw: Type.Number() })),
    }),
    tapPosition: ValueView,
    buses: Type.Array(BusView),
    branches: Type.Array(BranchView),
    devices: Type.Array(DeviceView),
    /** In a view of the past: what the plan did not control at its substation. */
    control: Type.Optional(Type.Array(ControlView)),
    past,
    recordedAt,
  },
  { title: 'FeederView' },
);
export type FeederView = Immutable<Static<typeof FeederView>>;

export const GatewayView = Type.Object(
  {
    id: Type.String(),
    substation: Type.String(),
    link: LinkView,
    /** ms of plant time since the last live frame; null if there was none. */
    freshnessMs: Type.Union([Type.Number(), Type.Null()]),
    ledger: Type.Object({
      storedFrames: Type.Number(),
      missingFrames: Type.Number(),
      refusedFrames: Type.Number(),
    }),
    /** The gateway's own report; null until the first arrives. */
    health: Type.Union([HealthReport, Type.Null()]),
    healthAt: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'GatewayView' },
);
export type GatewayView = Immutable<Static<typeof GatewayView>>;

export const EventView = Type.Object(
  {
    id: Type.Number(),
    time: Type.Number(),
    source: Type.String(),
    kind: EventKind,
    severity: Severity,
    code: Type.String(),
    text: Type.String(),
    device: Type.Union([Type.String(), Type.Null()]),
    subject: Type.Union([Type.String(), Type.Null()]),
    active: Type.Union([Type.Boolean(), Type.Null()]),
    parameters: Type.Optional(EventParameters),
    /** The cloud raised it about the source. Absent: the source sent it. */
    own: Type.Optional(Type.Boolean()),
  },
  { title: 'EventView' },
);
export type EventView = Immutable<Static<typeof EventView>>;

export const ClockView = Type.Object(
  {
    plantTime: Type.Number(),
    /** Requested speed; `speedReached` is the actual speed over the last seconds. */
    speed: Type.Number(),
    speedReached: Type.Number(),
    simulated: Type.Boolean(),
  },
  { title: 'ClockView' },
);
export type ClockView = Immutable<Static<typeof ClockView>>;

export const RegionView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    clock: ClockView,
    activePowerKw: ValueView,
    limits: Type.Object({
      importKw: Type.Number(),
      exportKw: Type.Number(),
    }),
    substations: Type.Array(SubstationView),
    past,
  },
  { title: 'RegionView' },
);
export type RegionView = Immutable<Static<typeof RegionView>>;

/** The user signed in at this page, and the page's rights. */
export const SessionView = Type.Object(
  {
    user: Type.Union([
      Type.Object({
        name: Type.String(),
        roles: Type.Array(Type.String()),
        mustChange: Type.Boolean(),
        /** The user's role requires a passkey and they have none. Until then they may do nothing else. */
        lacksPasskey: Type.Optional(Type.Boolean()),
        /** The user must sign in again before acting. The views continue. */
        locked: Type.Optional(Type.Boolean()),
      }),
      Type.Null(),
    ]),
    /** Without a user: the rights of a guest; none if there are no guests. */
    rights: Type.Array(Type.String()),
    /** Sent as x-csrf-token with requests that change something. */
    csrf: Type.Union([Type.String(), Type.Null()]),
    /** Name of an alternative sign-in provider, if there is one. */
    sso: Type.Optional(Type.String()),
    /** Minutes without a key press, click or scroll after which this desk locks. Absent: only by hand. */
    lockAfterMin: Type.Optional(Type.Number()),
    /** Plain text that the organisation shows before sign-in. */
    notice: Type.Optional(Type.String()),
    /** After signing out: URL that ends the session at the other provider too. */
    endSession: Type.Optional(Type.String()),
    /** Credentials of a demo user, which may be shown over loopback. */
    demo: Type.Union([
      Type.Object({
        name: Type.String(),
        password: Type.String(),
      }),
      Type.Null(),
    ]),
  },
  { title: 'SessionView' },
);
export type SessionView = Immutable<Static<typeof SessionView>>;

/** A gateway in the header of every screen. */
export interface LinksView {
  readonly id: string;
  readonly state: LinkView['state'];
  /** Number of its devices; `seen` counts those heard now. */
  readonly devices: number;
  readonly seen: number;
}

/**
 * Messages of the stream: `event:` is the key, `data:` the JSON. A view is sent whole first, then as changes. A heartbeat comes every 5 s,
 * independent of data.
 */
export interface StreamMessages {
  readonly heartbeat: { readonly serverTime: number };
  /** Changes to the last sent view of a topic; see `shared/codec/patch.ts`. */
  readonly changes: { readonly topic: string; readonly patch: unknown };
  /** Events, forecasts, plans and commands may have been missed. The page must fetch them again. */
  readonly gap: null;
  /** The reader's rights have changed. */
  readonly session: { readonly rights: readonly string[]; readonly locked: boolean };
  readonly region: RegionView;
  readonly feeder: FeederView;
  readonly gateways: readonly GatewayView[];
  readonly gateway: GatewayView;
  readonly links: readonly LinksView[];
  readonly event: EventView;
  readonly alarms: AlarmDeskView;
  readonly areas: AreasView;
  readonly forecast: { readonly target: string; readonly id: string };
  readonly plan: { readonly substation: string; readonly id: string };
  readonly command: CommandView;
  readonly incident: IncidentView;
}
