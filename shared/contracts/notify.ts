import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const TimeOrNull = Type.Union([Type.Number(), Type.Null()]);
const Spoken = Type.Union([Type.Literal('en'), Type.Literal('nl'), Type.Literal('de')]);

/** Fields that all channels share: what they send and when, and their state. */
const channel = {
  priority: Type.Number(),
  escalateAfterMin: Type.Number(),
  quietHours: Type.Union([Type.Object({ from: Type.String(), to: Type.String() }), Type.Null()]),
  isQuiet: Type.Boolean(),
  waiting: Type.Number(),
  /** When the last message was accepted. */
  sentAt: TimeOrNull,
  /** Standing faults of recipients, joined; null if there are none. */
  fault: Type.Union([Type.String(), Type.Null()]),
};
const ChannelView = Type.Object(channel);
export type ChannelView = Immutable<Static<typeof ChannelView>>;

/** Notifications outside the page. Times are machine time, ms UTC. */
export const NotifyView = Type.Object(
  {
    /** Null if no mail server is configured. */
    mail: Type.Union([
      Type.Object({
        server: Type.String(),
        from: Type.String(),
        to: Type.Array(Type.String()),
        escalateTo: Type.Array(Type.String()),
        /** Language of each recipient in `to` and `escalateTo`, by address. */
        languages: Type.Record(Type.String(), Spoken),
        ...channel,
      }),
      Type.Null(),
    ]),
    webhooks: Type.Array(
      Type.Object({
        name: Type.String(),
        /** Only the origin of its URL: the rest may contain a secret. */
        receiver: Type.String(),
        escalateTo: Type.Union([Type.String(), Type.Null()]),
        language: Spoken,
        ...channel,
      }),
    ),
  },
  { title: 'NotifyView' },
);
export type NotifyView = Immutable<Static<typeof NotifyView>>;

/** Replies of the mail server or receivers to a test message. */
export const TestMessageView = Type.Object(
  { accepted: Type.Array(Type.String()), rejected: Type.Array(Type.String()), response: Type.String() },
  { title: 'TestMessageView' },
);
export type TestMessageView = Immutable<Static<typeof TestMessageView>>;
