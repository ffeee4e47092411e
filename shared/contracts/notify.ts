import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const TimeOrNull = Type.Union([Type.Number(), Type.Null()]);

/** How alarms leave by mail. Times are machine time, ms UTC. */
export const NotifyView = Type.Object(
  {
    /** Null: no mail server is configured. */
    mail: Type.Union([
      Type.Object({
        server: Type.String(),
        from: Type.String(),
        to: Type.Array(Type.String()),
        priority: Type.Number(),
        escalateTo: Type.Array(Type.String()),
        escalateAfterMin: Type.Number(),
        /** In which each of `to` and `escalateTo` is written to, by address. */
        languages: Type.Record(Type.String(), Type.Union([Type.Literal('en'), Type.Literal('nl'), Type.Literal('de')])),
        quietHours: Type.Union([Type.Object({ from: Type.String(), to: Type.String() }), Type.Null()]),
        isQuiet: Type.Boolean(),
        waiting: Type.Number(),
        /** The last mail that the server has taken. */
        sentAt: TimeOrNull,
        /** Why the last attempt failed; null: it did not. */
        fault: Type.Union([Type.String(), Type.Null()]),
      }),
      Type.Null(),
    ]),
  },
  { title: 'NotifyView' },
);
export type NotifyView = Immutable<Static<typeof NotifyView>>;

/** What the mail server has said to a test mail. */
export const TestMailView = Type.Object(
  { accepted: Type.Array(Type.String()), rejected: Type.Array(Type.String()), response: Type.String() },
  { title: 'TestMailView' },
);
export type TestMailView = Immutable<Static<typeof TestMailView>>;
