import { Type, type Static } from 'typebox';
import { Id } from './ids.ts';
import type { Immutable } from './immutable.ts';
import { EventParameters } from './event.ts';

/** What started it. A spike is a jump of a feeder's load that none of our devices caused. */
export const IncidentKind = Type.Union([
  Type.Literal('spike'),
  Type.Literal('limit'),
  Type.Literal('trip'),
  Type.Literal('outage'),
]);
export type IncidentKind = Static<typeof IncidentKind>;

/** Something that happened within an incident. The page builds its sentence from the code and the parameters. */
export const IncidentEntry = Type.Object(
  {
    /** Plant time, ms UTC. */
    at: Type.Number(),
    /** `spike.began`, `limit.passed`, `relief.began`, `plan.applied`, ... */
    code: Type.String({ maxLength: 64 }),
    /** A person's name, `guard`, `cloud` or a gateway; null if nobody caused it. */
    by: Type.Union([Type.String(), Type.Null()]),
    parameters: EventParameters,
  },
  { title: 'IncidentEntry' },
);
export type IncidentEntry = Immutable<Static<typeof IncidentEntry>>;

/** One device with which the guard relieved the incident. */
export const IncidentRelief = Type.Object(
  {
    device: Type.String(),
    /** Largest relief, kW, beyond what already restrained the device. */
    kw: Type.Number(),
    energyKwh: Type.Number(),
    /** At the contract's price; null if the device's contract has none. */
    costEur: Type.Union([Type.Number(), Type.Null()]),
    since: Type.Number(),
    /** Null if it is ongoing. */
    until: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'IncidentRelief' },
);
export type IncidentRelief = Immutable<Static<typeof IncidentRelief>>;

/** The limit that was exceeded furthest. */
export const IncidentLimit = Type.Object({
  element: Type.String(),
  unit: Type.String(),
  bound: Type.Number(),
  /** The worst reported value. */
  worst: Type.Number(),
  passedAt: Type.Number(),
  /** Null if the limit is still exceeded, or nobody observed the return. */
  backAt: Type.Union([Type.Number(), Type.Null()]),
});
export type IncidentLimit = Immutable<Static<typeof IncidentLimit>>;

/** A jump of a feeder's load. */
export const IncidentJump = Type.Object({
  /** Absent: the feeder of the incident. */
  feeder: Type.Optional(Id),
  beforeKw: Type.Number(),
  /** Highest load since the jump. */
  peakKw: Type.Number(),
  peakAt: Type.Number(),
  limitKw: Type.Union([Type.Number(), Type.Null()]),
  /** Null if the load is still up, or nobody observed its fall. */
  endedAt: Type.Union([Type.Number(), Type.Null()]),
});
export type IncidentJump = Immutable<Static<typeof IncidentJump>>;

/** What happened at one place, assembled by rules: what, where, when, who relieved it, what it cost, whether it is over. */
export const IncidentView = Type.Object(
  {
    id: Type.Number(),
    kind: IncidentKind,
    substation: Id,
    gateway: Id,
    /** Null: the whole substation. */
    feeder: Type.Union([Id, Type.Null()]),
    startedAt: Type.Number(),
    /** Null if it is not over. */
    endedAt: Type.Union([Type.Number(), Type.Null()]),
    /**
     * The gateway has been unreachable since then, so the view is as of that time; for an incident that is over, its end was not observed.
     * Null: the gateway is heard.
     */
    unheardSince: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    jump: Type.Union([IncidentJump, Type.Null()]),
    limit: Type.Union([IncidentLimit, Type.Null()]),
    reliefs: Type.Array(IncidentRelief),
    /** Ids of its alarms, newest last, also of those whose entries had to go. Absent: stored by a version that did not keep them. */
    alarms: Type.Optional(Type.Array(Type.Number())),
    entries: Type.Array(IncidentEntry),
  },
  { title: 'IncidentView' },
);
export type IncidentView = Immutable<Static<typeof IncidentView>>;
