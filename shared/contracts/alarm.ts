import { Type, type Static } from 'typebox';
import { EventParameters } from './event.ts';
import type { Immutable } from './immutable.ts';

/** 1 highest, 3 lowest (ISA-18.2). */
export const AlarmPriority = Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]);
export type AlarmPriority = Immutable<Static<typeof AlarmPriority>>;

/**
 * States of ISA-18.2 / IEC 62682. `returned`: the condition is gone but nobody acknowledged it. `suppressed`: suppressed by design, because
 * a parent alarm explains it.
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

/** A person's action on an alarm. Times are plant time, ms UTC. */
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
    /** Together with the code, the page builds the sentence from these, in the reader's language. */
    parameters: Type.Optional(EventParameters),
    priority: AlarmPriority,
    state: AlarmState,
    /** The condition after its delays. Still true while `goneSince` waits for the off-delay to end. */
    active: Type.Boolean(),
    raisedAt: Type.Union([Type.Number(), Type.Null()]),
    returnedAt: Type.Union([Type.Number(), Type.Null()]),
    /**
     * The condition has been gone since then, ms UTC, and the alarm returns once its off-delay ends. Its text shows the value from before.
     */
    goneSince: Type.Optional(Type.Number()),
    acknowledged: Type.Union([AlarmAct, Type.Null()]),
    shelved: Type.Union([Type.Object({ ...AlarmAct.properties, until: Type.Number() }), Type.Null()]),
    outOfService: Type.Union([AlarmAct, Type.Null()]),
    /** Id of the parent alarm that explains it. */
    suppressedBy: Type.Union([Type.Number(), Type.Null()]),
    /** Number of alarms that it explains now. */
    suppresses: Type.Number(),
    /** The first of its source in a burst that is not acknowledged yet. */
    firstOut: Type.Boolean(),
    occurrences: Type.Number(),
    /** Deadline for the response; null if no response is due any more. */
    respondBy: Type.Union([Type.Number(), Type.Null()]),
    /** What the alarm is about, for rights and areas: `feeder:owd-1`, `substation:owd`, `region:north`. */
    target: Type.String(),
    /** Path of the screen with the control that resolves it. */
    control: Type.String(),
  },
  { title: 'AlarmView' },
);
export type AlarmView = Immutable<Static<typeof AlarmView>>;

/** An operator's guide to a code: its rationalisation (ISA-18.2). */
export const AlarmRuleView = Type.Object(
  {
    code: Type.String(),
    name: Type.String(),
    priority: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal('told')], {
      description: 'told: the severity that its source reports',
    }),
    cause: Type.String(),
    consequence: Type.String(),
    action: Type.String(),
    respondWithinS: Type.Number(),
  },
  { title: 'AlarmRuleView' },
);
export type AlarmRuleView = Immutable<Static<typeof AlarmRuleView>>;

/** State of the desk's alarms: the content of banner and list, and their counts. */
export const AlarmDeskView = Type.Object(
  {
    /**
     * Highest priority first, unacknowledged before acknowledged, newest first; at most `MOST_SHOWN`. If more alarms stand than that,
     * acknowledged ones are left out first, and the page reads all by request.
     */
    alarms: Type.Array(AlarmView),
    /** Number of alarms in each state. */
    states: Type.Record(AlarmState, Type.Number()),
    /** Standing alarms by priority. */
    standing: Type.Record(AlarmPriority, Type.Number()),
    /** Alarms announced in the last ten minutes. `floodSince`: start of the flood; null if there is none. */
    rate: Type.Object({
      inTenMinutes: Type.Number(),
      floodSince: Type.Union([Type.Number(), Type.Null()]),
    }),
    /** Running count of announced alarms. The page sounds when it rises. */
    told: Type.Number(),
  },
  { title: 'AlarmDeskView' },
);
export type AlarmDeskView = Immutable<Static<typeof AlarmDeskView>>;

/** Figures for a span of plant time, to compare with their targets (ISA-18.2, EEMUA 191). */
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
    /** Share of all alarms that come from the ten most frequent. */
    frequentShare: Type.Number(),
    /** Alarms announced three times or more within a minute. */
    chattering: Type.Number(),
    /** Alarms that have been standing for more than a day. */
    stale: Type.Number(),
    shelved: Type.Number(),
    outOfService: Type.Number(),
    /** Alarms announced in each hour, oldest first. */
    hourly: Type.Array(Type.Number()),
  },
  { title: 'AlarmFiguresView' },
);
export type AlarmFiguresView = Immutable<Static<typeof AlarmFiguresView>>;
