import { EVENT_TEXT } from './fit-text.ts';
import { Type, type Static } from 'typebox';
import { Id, Offset, Run, TimeMs } from './ids.ts';
import type { Immutable } from './immutable.ts';

export const Severity = Type.Union([
  Type.Literal('info'),
  Type.Literal('low'),
  Type.Literal('medium'),
  Type.Literal('high'),
]);
export type Severity = Static<typeof Severity>;

export const EventKind = Type.Union([
  Type.Literal('event'),
  Type.Literal('alarm'),
  Type.Literal('outcome'),
  Type.Literal('audit'),
]);

/** Figures and names of a code's sentence. The page builds the sentence from them, in the reader's language. */
export const EventParameters = Type.Record(
  Type.String({ maxLength: 40 }),
  Type.Union([
    Type.Number(),
    Type.String({ maxLength: 128 }),
    Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 }),
  ]),
);
export type EventParameters = Immutable<Static<typeof EventParameters>>;

/** Something that happened, at a gateway or in the cloud: events, alarms, outcomes of commands and plans, audit. */
export const LoadstoneEvent = Type.Object(
  {
    time: TimeMs,
    kind: EventKind,
    severity: Severity,
    /** Catalogue code, or a plain name such as `gateway.started`. */
    code: Type.String({ maxLength: 64 }),
    /** One sentence for people, in English. `parameters` has its figures and names if the code has any. */
    text: Type.String({ maxLength: EVENT_TEXT }),
    parameters: Type.Optional(EventParameters),
    device: Type.Optional(Id),
    /** id of the plan, command or model that this is about. */
    subject: Type.Optional(Type.String({ maxLength: 128 })),
    /** For alarms: false once the condition is gone. */
    active: Type.Optional(Type.Boolean()),
    /** Number of repetitions folded into this event. */
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 51 })),
  },
  { title: 'Event' },
);
export type LoadstoneEvent = Static<typeof LoadstoneEvent>;

/** Payload of loadstone/v1/<gateway>/events. Offsets belong to the stream `events`. */
export const EventBatch = Type.Object({
  version: Type.Literal(1),
  run: Run,
  items: Type.Array(Type.Object({ offset: Offset, event: LoadstoneEvent }), { maxItems: 200 }),
});
export type EventBatch = Static<typeof EventBatch>;
