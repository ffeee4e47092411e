import { Type, type Static, type TSchema } from 'typebox';

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A bound that the guard holds on a lever, the limit that asked for it, and for how long the lever has not followed, s. */
export const GuardBound = Type.Object({
  min: nullable(Type.Number()),
  max: nullable(Type.Number()),
  minBy: nullable(Type.String()),
  maxBy: nullable(Type.String()),
  missS: Type.Number(),
});
export type GuardBound = Static<typeof GuardBound>;

/**
 * Relief that was asked for and does not show yet, per limit and side: how much, since when, the violation in the last cycle,
 * and for how long the meter has been silent, s.
 */
export const GuardPending = Type.Object({
  amount: Type.Number(),
  ageS: Type.Number(),
  last: Type.Number(),
  silentS: Type.Number(),
  /** The value was inside its limit since the last relief. */
  clear: Type.Optional(Type.Boolean()),
  /** How often relief came right after relief of the other side: it gives less each time. */
  swings: Type.Optional(Type.Number()),
  /** How often the limit was passed again soon after relief: release becomes slower each time. */
  relapses: Type.Optional(Type.Number()),
});
export type GuardPending = Static<typeof GuardPending>;

/**
 * When relief was given back in one leap, s ago; the sides of limits that it loaded, such as `transformer-power:max`; what it took off
 * others, in their units; and for how long none may follow because one that it loaded had to be relieved again, s.
 */
export const GuardLeap = Type.Object({
  ageS: Type.Number(),
  loads: Type.Array(Type.String()),
  gives: Type.Record(Type.String(), Type.Number()),
  barredS: Type.Number(),
});
export type GuardLeap = Static<typeof GuardLeap>;

export const GuardState = Type.Object({
  bounds: Type.Record(Type.String(), GuardBound),
  pending: Type.Record(Type.String(), GuardPending),
  leap: Type.Optional(GuardLeap),
});
export type GuardState = Static<typeof GuardState>;

export const emptyGuardState = (): GuardState => ({ bounds: {}, pending: {} });

/** Whether a device runs, and for how long it has, s. */
export const RunState = Type.Object({ on: Type.Boolean(), forS: Type.Number({ minimum: 0 }) });
export type RunState = Static<typeof RunState>;

/** What is remembered of a transformer's temperature. Rises in K. */
export const ThermalMemory = Type.Object({
  oilK: Type.Number(),
  windingK: Type.Number(),
  lagK: Type.Number(),
  /** Last known load, per unit. */
  loadPu: Type.Number(),
  /** Ageing over the last day against normal ageing: 1 is as much as it is built for. */
  ageing: Type.Number(),
});
export type ThermalMemory = Static<typeof ThermalMemory>;
