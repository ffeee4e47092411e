import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

/**
 * One area of responsibility: a substation's own plant (busbar, transformers, tap changer, gateway) as `substation:owd`, or a feeder
 * as `feeder:owd-1`. At most one person holds it. Times are plant time, ms UTC.
 */
export const AreaView = Type.Object(
  {
    target: Type.String(),
    substation: Type.String(),
    name: Type.String(),
    /** null: nobody. */
    holder: Type.Union([Type.String(), Type.Null()]),
    since: Type.Union([Type.Number(), Type.Null()]),
    /** A hand-over that waits for the other to take it: until then the holder holds. */
    offer: Type.Union([
      Type.Object({
        to: Type.String(),
        reason: Type.String(),
        at: Type.Number(),
      }),
      Type.Null(),
    ]),
  },
  { title: 'AreaView' },
);
export type AreaView = Immutable<Static<typeof AreaView>>;

/** Areas that somebody held and lost without letting them go, or could not give away. It stands until they have seen it. Plant time, ms UTC. */
export const AreaLossView = Type.Object(
  {
    id: Type.Number(),
    /** Who held them, and still does where an offer was declined. */
    holder: Type.String(),
    /**
     * `taken`: another answers for them now; `freed`: who keeps the users freed them; `barred`: the holder may not act there any more;
     * `declined`: who was offered them does not take them.
     */
    how: Type.Union([Type.Literal('taken'), Type.Literal('freed'), Type.Literal('barred'), Type.Literal('declined')]),
    /** Who did it; null: it followed from a change of rights. */
    by: Type.Union([Type.String(), Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    areas: Type.Array(Type.String()),
    at: Type.Number(),
  },
  { title: 'AreaLossView' },
);
export type AreaLossView = Immutable<Static<typeof AreaLossView>>;

/** What the stream tells of areas: those that somebody holds; all others nobody holds. */
export const AreasView = Type.Object(
  {
    held: Type.Array(AreaView),
    /** Who of the holders is not signed in now. */
    absent: Type.Array(Type.String()),
    /** What happened to areas of holders and they have not seen yet, oldest first. */
    losses: Type.Array(AreaLossView),
  },
  { title: 'AreasView' },
);
export type AreasView = Immutable<Static<typeof AreasView>>;

/** Somebody to whom areas can be handed over. */
export const OperatorView = Type.Object(
  {
    name: Type.String(),
    signedIn: Type.Boolean(),
    /** Where they may act: targets, their parts included; `*`: everywhere. */
    areas: Type.Union([Type.Literal('*'), Type.Array(Type.String())]),
  },
  { title: 'OperatorView' },
);
export type OperatorView = Immutable<Static<typeof OperatorView>>;
