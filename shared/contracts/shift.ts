import { Type, type Static } from 'typebox';
import { AlarmView } from './alarm.ts';
import { EventParameters } from './event.ts';
import type { Immutable } from './immutable.ts';
import { IncidentView } from './incident.ts';
import { ControlView } from './view.ts';

/** Times are plant time, ms UTC. */
const Person = Type.Union([Type.String(), Type.Null()]);

/**
 * One line of the shift log. The page builds its sentence from the code and the parameters. `text` is the words of a person or an alarm.
 */
export const ShiftEntry = Type.Object(
  {
    id: Type.Number(),
    at: Type.Number(),
    /** `alarm.raised`, `act.given`, `incident.began`, `note`, `hand-over.signed`, ... */
    code: Type.String(),
    /** A person's name; null if nobody caused it. */
    by: Person,
    /** `feeder:owd-1`, `substation:owd`; null for the whole region. */
    target: Person,
    /** The note, the reason for an act, or the sentence of an alarm. */
    text: Type.String(),
    parameters: EventParameters,
  },
  { title: 'ShiftEntry' },
);
export type ShiftEntry = Immutable<Static<typeof ShiftEntry>>;

/** An alarm that the next shift must know: it is standing, or somebody shelved it or took it out of service. */
export const HandedAlarm = Type.Pick(
  AlarmView,
  [
    'id',
    'code',
    'priority',
    'state',
    'text',
    'parameters',
    'target',
    'raisedAt',
    'acknowledged',
    'shelved',
    'outOfService',
  ],
  { title: 'HandedAlarm' },
);
export type HandedAlarm = Immutable<Static<typeof HandedAlarm>>;

/** Something that the plan does not control, with its substation. */
export const HandedControl = Type.Object(
  { ...ControlView.properties, substation: Type.String() },
  { title: 'HandedControl' },
);
export type HandedControl = Immutable<Static<typeof HandedControl>>;

export const HandedIncident = Type.Pick(IncidentView, ['id', 'kind', 'substation', 'feeder', 'startedAt'], {
  title: 'HandedIncident',
});
export type HandedIncident = Immutable<Static<typeof HandedIncident>>;

const few = <Item extends Parameters<typeof Type.Array>[0]>(item: Item) =>
  Type.Object({ items: Type.Array(item), total: Type.Number() });

/** What the next shift must know, as of `at`. `items` names the most urgent or newest; `total` counts all. */
export const HandOverContent = Type.Object(
  {
    at: Type.Number(),
    /** Time of the previous hand-over; null if there was none. */
    from: Type.Union([Type.Number(), Type.Null()]),
    alarms: few(HandedAlarm),
    control: few(HandedControl),
    incidents: few(HandedIncident),
    notes: few(ShiftEntry),
  },
  { title: 'HandOverContent' },
);
export type HandOverContent = Immutable<Static<typeof HandOverContent>>;

/** A hand-over as signed by the outgoing person, and who took over. Only the latter changes later. */
export const HandOverView = Type.Object(
  {
    id: Type.Number(),
    signedBy: Type.String(),
    signedAt: Type.Number(),
    remark: Type.String(),
    /** `replaced`: somebody signed off again before anybody took over. */
    state: Type.Union([Type.Literal('waiting'), Type.Literal('taken'), Type.Literal('replaced')]),
    takenBy: Person,
    takenAt: Type.Union([Type.Number(), Type.Null()]),
    content: HandOverContent,
  },
  { title: 'HandOverView' },
);
export type HandOverView = Immutable<Static<typeof HandOverView>>;

/** The current shift: what would be signed, and the hand-over that is waiting or was taken last. */
export const ShiftView = Type.Object(
  {
    now: HandOverContent,
    waiting: Type.Union([HandOverView, Type.Null()]),
    last: Type.Union([HandOverView, Type.Null()]),
  },
  { title: 'ShiftView' },
);
export type ShiftView = Immutable<Static<typeof ShiftView>>;
