import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

/**
 * One area of responsibility: a substation's own plant (busbar, transformers, tap changer, gateway) as `substation:owd`, or a feeder as
 * `feeder:owd-1`. At most one person holds it. Times are plant time, ms UTC.
 */
export const AreaView = Type.Object(
  {
    target: Type.String(),
    substation: Type.String(),
    name: Type.String(),
    /** null if nobody holds it. */
    holder: Type.Union([Type.String(), Type.Null()]),
    since: Type.Union([Type.Number(), Type.Null()]),
    /** A pending hand-over. The holder keeps the area until the other person takes it. */
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

/** Areas that a person lost involuntarily, or could not hand over. The notice stays until that person has seen it. Plant time, ms UTC. */
export const AreaLossView = Type.Object(
  {
    id: Type.Number(),
    /** The person who held the areas, and still does if an offer was declined. */
    holder: Type.String(),
    /**
     * `taken`: another person took them. `freed`: a user administrator freed them. `barred`: the holder lost the right to act there.
     * `declined`: the person they were offered to declined.
     */
    how: Type.Union([Type.Literal('taken'), Type.Literal('freed'), Type.Literal('barred'), Type.Literal('declined')]),
    /** The person who did it; null if it followed from a change of rights. */
    by: Type.Union([Type.String(), Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    areas: Type.Array(Type.String()),
    at: Type.Number(),
  },
  { title: 'AreaLossView' },
);
export type AreaLossView = Immutable<Static<typeof AreaLossView>>;

/** Held areas, as the stream sends them. All others are unheld. */
export const AreasView = Type.Object(
  {
    held: Type.Array(AreaView),
    /** Holders who are not signed in now. */
    absent: Type.Array(Type.String()),
    /** Losses that their holders have not seen yet, oldest first. */
    losses: Type.Array(AreaLossView),
  },
  { title: 'AreasView' },
);
export type AreasView = Immutable<Static<typeof AreasView>>;

/** A person to whom areas can be handed over. */
export const OperatorView = Type.Object(
  {
    name: Type.String(),
    signedIn: Type.Boolean(),
    /** Targets on which the person may act, including their parts; `*` for all. */
    areas: Type.Union([Type.Literal('*'), Type.Array(Type.String())]),
  },
  { title: 'OperatorView' },
);
export type OperatorView = Immutable<Static<typeof OperatorView>>;
