import { Type, type Static } from 'typebox';
import { Id } from './ids.ts';
import type { Immutable } from './immutable.ts';
import { EventParameters } from './event.ts';

/** What began it. A spike is a jump of a feeder's load that no device of ours has made. */
export const IncidentKind = Type.Union([
  Type.Literal('spike'),
  Type.Literal('limit'),
  Type.Literal('trip'),
  Type.Literal('outage'),
]);
export type IncidentKind = Static<typeof IncidentKind>;

/** Something that happened within an incident: a code and its parameters, from which the page makes the sentence. */
export const IncidentEntry = Type.Object(
  {
    /** ms UTC of plant time */
    at: Type.Number(),
    /** `spike.began`, `limit.passed`, `relief.began`, `plan.applied`, ... */
    code: Type.String({ maxLength: 64 }),
    /** Who: a person's name, `guard`, `cloud`, a gateway; null: it happened. */
    by: Type.Union([Type.String(), Type.Null()]),
    parameters: EventParameters,
  },
  { title: 'IncidentEntry' },
);
export type IncidentEntry = Immutable<Static<typeof IncidentEntry>>;

/** One device that the guard held off its wish because of the incident. */
export const IncidentRelief = Type.Object(
  {
    device: Type.String(),
    /** By how much at most, kW, beyond what held it before. */
    kw: Type.Number(),
    energyKwh: Type.Number(),
    /** At the contract's price; null: the device's contract has none. */
    costEur: Type.Union([Type.Number(), Type.Null()]),
    since: Type.Number(),
    /** Null: it goes on. */
    until: Type.Union([Type.Number(), Type.Null()]),
  },
  { title: 'IncidentRelief' },
);
export type IncidentRelief = Immutable<Static<typeof IncidentRelief>>;

/** The limit that was passed furthest. */
export const IncidentLimit = Type.Object({
  element: Type.String(),
  unit: Type.String(),
  bound: Type.Number(),
  /** The worst value that was told. */
  worst: Type.Number(),
  passedAt: Type.Number(),
  /** Null: it is past its limit still, or nobody saw when it was back. */
  backAt: Type.Union([Type.Number(), Type.Null()]),
});
export type IncidentLimit = Immutable<Static<typeof IncidentLimit>>;

/** A jump of a feeder's load. */
export const IncidentJump = Type.Object({
  /** Absent: that of the incident. */
  feeder: Type.Optional(Id),
  beforeKw: Type.Number(),
  /** The highest since. */
  peakKw: Type.Number(),
  peakAt: Type.Number(),
  limitKw: Type.Union([Type.Number(), Type.Null()]),
  /** Null: the load is up still, or nobody saw when it fell. */
  endedAt: Type.Union([Type.Number(), Type.Null()]),
});
export type IncidentJump = Immutable<Static<typeof IncidentJump>>;

/** What happened at one place, put together by rule: what, where, when, who relieved it, what it cost, whether it is over. */
export const IncidentView = Type.Object(
  {
    id: Type.Number(),
    kind: IncidentKind,
    substation: Id,
    gateway: Id,
    /** Null: it is of the whole substation. */
    feeder: Type.Union([Id, Type.Null()]),
    startedAt: Type.Number(),
    /** Null: it is not over. */
    endedAt: Type.Union([Type.Number(), Type.Null()]),
    /** What it tells is of then: its gateway is not heard since. Of one that is over, its end was not seen. Null: it is heard. */
    unheardSince: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    jump: Type.Union([IncidentJump, Type.Null()]),
    limit: Type.Union([IncidentLimit, Type.Null()]),
    reliefs: Type.Array(IncidentRelief),
    entries: Type.Array(IncidentEntry),
  },
  { title: 'IncidentView' },
);
export type IncidentView = Immutable<Static<typeof IncidentView>>;
