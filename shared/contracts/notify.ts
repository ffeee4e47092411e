import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const TimeOrNull = Type.Union([Type.Number(), Type.Null()]);
const Spoken = Type.Union([Type.Literal('en'), Type.Literal('nl'), Type.Literal('de')]);

/** What each channel has: of what it tells and when, and how that goes. */
const channel = {
  priority: Type.Number(),
  escalateAfterMin: Type.Number(),
  quietHours: Type.Union([Type.Object({ from: Type.String(), to: Type.String() }), Type.Null()]),
  isQuiet: Type.Boolean(),
  waiting: Type.Number(),
  /** The last message that was taken. */
  sentAt: TimeOrNull,
  /** Why the last attempt failed; null: it did not. */
  fault: Type.Union([Type.String(), Type.Null()]),
};
const ChannelView = Type.Object(channel);
export type ChannelView = Immutable<Static<typeof ChannelView>>;

/** How alarms leave the page. Times are machine time, ms UTC. */
export const NotifyView = Type.Object(
  {
    /** Null: no mail server is configured. */
    mail: Type.Union([
      Type.Object({
        server: Type.String(),
        from: Type.String(),
        to: Type.Array(Type.String()),
        escalateTo: Type.Array(Type.String()),
        /** In which each of `to` and `escalateTo` is written to, by address. */
        languages: Type.Record(Type.String(), Spoken),
        ...channel,
      }),
      Type.Null(),
    ]),
    webhooks: Type.Array(
      Type.Object({
        name: Type.String(),
        /** Its origin: what stands behind it may be a secret. */
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

/** What a mail server or receivers have said to a test message. */
export const TestMessageView = Type.Object(
  { accepted: Type.Array(Type.String()), rejected: Type.Array(Type.String()), response: Type.String() },
  { title: 'TestMessageView' },
);
export type TestMessageView = Immutable<Static<typeof TestMessageView>>;
