import { Type, type Static } from 'typebox';
import { EventParameters } from './event.ts';
import type { Immutable } from './immutable.ts';

/** 1 highest, 3 lowest (ISA-18.2). */
export const AlarmPriority = Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]);
export type AlarmPriority = Immutable<Static<typeof AlarmPriority>>;

/**
 * States of ISA-18.2 / IEC 62682. `returned`: the condition is gone, but nobody acknowledged it. `suppressed`: by design, because a parent
 * alarm explains it.
 */
export const AlarmState = Type.Union([
  Type.Literal('normal'),
  Type.Literal('unacknowledged'),
  Type.Literal('acknowledged'),
  Type.Literal('returned'),
  Type.Literal('shelved'),
  Type.Literal('suppressed'),
  Type.Literal('out-of-service'),
]);
export type AlarmState = Immutable<Static<typeof AlarmState>>;

/** What somebody did to an alarm; times in ms UTC of plant time. */
export const AlarmAct = Type.Object(
  {
    by: Type.String(),
    at: Type.Number(),
    reason: Type.String(),
  },
  { title: 'AlarmAct' },
);
export type AlarmAct = Immutable<Static<typeof AlarmAct>>;

/** One alarm as the desk shows it. */
export const AlarmView = Type.Object(
  {
    id: Type.Number(),
    source: Type.String(),
    code: Type.String(),
    device: Type.Union([Type.String(), Type.Null()]),
    subject: Type.Union([Type.String(), Type.Null()]),
    text: Type.String(),
    /** With the code, what the page makes the sentence of, in its reader's language. */
    parameters: Type.Optional(EventParameters),
    priority: AlarmPriority,
    state: AlarmState,
    /** Its condition behind its delays: still true while `goneSince` waits for the end of one. */
    active: Type.Boolean(),
    raisedAt: Type.Union([Type.Number(), Type.Null()]),
    returnedAt: Type.Union([Type.Number(), Type.Null()]),
    /** Its condition is gone since then, ms UTC, and it returns when its delay is over: its sentence tells the value before. */
    goneSince: Type.Optional(Type.Number()),
    acknowledged: Type.Union([AlarmAct, Type.Null()]),
    shelved: Type.Union([Type.Object({ ...AlarmAct.properties, until: Type.Number() }), Type.Null()]),
    outOfService: Type.Union([AlarmAct, Type.Null()]),
    /** Id of the parent that explains it. */
    suppressedBy: Type.Union([Type.Number(), Type.Null()]),
    /** How many others it explains now. */
    suppresses: Type.Number(),
    /** The first of its source in a burst that nobody has acknowledged yet. */
    firstOut: Type.Boolean(),
    occurrences: Type.Number(),
    /** The latest time to respond; null where nobody has to any more. */
    respondBy: Type.Union([Type.Number(), Type.Null()]),
    /** What it stands on, for rights and areas: `feeder:owd-1`, `substation:owd`, `region:north`. */
    target: Type.String(),
    /** Path of the screen with the control that mends it. */
    control: Type.String(),
  },
  { title: 'AlarmView' },
);
export type AlarmView = Immutable<Static<typeof AlarmView>>;

/** What an operator needs to know of a code: its rationalisation. */
export const AlarmRuleView = Type.Object(
  {
    code: Type.String(),
    name: Type.String(),
    priority: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal('told')], {
      description: 'told: as severe as its source says',
    }),
    cause: Type.String(),
    consequence: Type.String(),
    action: Type.String(),
    respondWithinS: Type.Number(),
  },
  { title: 'AlarmRuleView' },
);
export type AlarmRuleView = Immutable<Static<typeof AlarmRuleView>>;

/** The state of the desk's alarms: what the banner and the list show, and the numbers beside them. */
export const AlarmDeskView = Type.Object(
  {
    /** Highest priority first, unacknowledged before acknowledged, newest first; at most `MOST_SHOWN` of them. */
    alarms: Type.Array(AlarmView),
    /** How many alarms are in each state. */
    states: Type.Record(AlarmState, Type.Number()),
    /** Standing alarms by priority. */
    standing: Type.Record(AlarmPriority, Type.Number()),
    /** Alarms announced in the last ten minutes. `since`: start of the flood, if there is one. */
    rate: Type.Object({
      inTenMinutes: Type.Number(),
      floodSince: Type.Union([Type.Number(), Type.Null()]),
    }),
    /** Counts announced alarms. The page sounds when it rises. */
    told: Type.Number(),
  },
  { title: 'AlarmDeskView' },
);
export type AlarmDeskView = Immutable<Static<typeof AlarmDeskView>>;

/** Figures of a span of plant time beside their targets (ISA-18.2, EEMUA 191). */
export const AlarmFiguresView = Type.Object(
  {
    from: Type.Number(),
    to: Type.Number(),
    told: Type.Number(),
    perDay: Type.Number(),
    perTenMinutes: Type.Object({
      mean: Type.Number(),
      most: Type.Number(),
    }),
    floodShare: Type.Number(),
    priorityShare: Type.Record(AlarmPriority, Type.Number()),
    frequent: Type.Array(
      Type.Object({
        source: Type.String(),
        code: Type.String(),
        about: Type.Union([Type.String(), Type.Null()]),
        count: Type.Number(),
      }),
    ),
    /** Share of all that the ten most frequent make up. */
    frequentShare: Type.Number(),
    /** Alarms told three times or more within a minute. */
    chattering: Type.Number(),
    /** Alarms that have stood for more than a day. */
    stale: Type.Number(),
    shelved: Type.Number(),
    outOfService: Type.Number(),
    /** Alarms told in each hour, oldest first. */
    hourly: Type.Array(Type.Number()),
  },
  { title: 'AlarmFiguresView' },
);
export type AlarmFiguresView = Immutable<Static<typeof AlarmFiguresView>>;
