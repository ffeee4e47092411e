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
    /** A pending hand-over. The holder keeps the area until the other takes it. */
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

/** Areas that somebody lost against their will, or could not hand over. The notice stands until they have seen it. Plant time, ms UTC. */
export const AreaLossView = Type.Object(
  {
    id: Type.Number(),
    /** Who held them, and still does where an offer was declined. */
    holder: Type.String(),
    /**
     * `taken`: another holds them now. `freed`: a user administrator freed them. `barred`: the holder may no longer act there. `declined`:
     * the person offered them declined.
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

/** Areas that somebody holds, as sent by the stream. All others are unheld. */
export const AreasView = Type.Object(
  {
    held: Type.Array(AreaView),
    /** Who of the holders is not signed in now. */
    absent: Type.Array(Type.String()),
    /** Losses that holders have not seen yet, oldest first. */
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
