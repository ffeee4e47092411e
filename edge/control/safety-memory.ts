import { Type, type Static, type TSchema } from 'typebox';

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A bound that the guard holds on a lever, the limit that set it, and how long the lever has come no nearer to it, s. */
export const GuardBound = Type.Object({
  min: nullable(Type.Number()),
  max: nullable(Type.Number()),
  minBy: nullable(Type.String()),
  maxBy: nullable(Type.String()),
  missS: Type.Number(),
  /** Nearest that the lever has come to its bound, kW or kvar. Absent: it has reached it. */
  gap: Type.Optional(Type.Number()),
});
export type GuardBound = Static<typeof GuardBound>;

/**
 * Requested relief that does not show yet, per limit and side: how much, since when, the violation in the last cycle, and how long
 * the meter has been silent, s.
 */
export const GuardPending = Type.Object({
  amount: Type.Number(),
  ageS: Type.Number(),
  last: Type.Number(),
  silentS: Type.Number(),
  /** Relief in progress at the last request, and the violation at that time. */
  asked: Type.Optional(Type.Number()),
  from: Type.Optional(Type.Number()),
  /** Mean violation over about 60 s, with pending relief counted as arrived. */
  mean: Type.Optional(Type.Number()),
  /** The value has been inside its limit since the last relief. */
  clear: Type.Optional(Type.Boolean()),
  /** How often relief followed right after relief of the other side; each time reduces it. */
  swings: Type.Optional(Type.Number()),
  /** How often the limit was exceeded again soon after relief; each time slows the release. */
  relapses: Type.Optional(Type.Number()),
});
export type GuardPending = Static<typeof GuardPending>;

/**
 * A leap that gave relief back: its age in s; the sides of limits that it loaded, such as `transformer-power:max`; what it took off
 * the opposite sides, in their units; and how long no other leap may follow because a loaded side had to be relieved again, s.
 */
export const GuardLeap = Type.Object({
  ageS: Type.Number(),
  loads: Type.Array(Type.String()),
  gives: Type.Record(Type.String(), Type.Number()),
  barredS: Type.Number(),
});
export type GuardLeap = Static<typeof GuardLeap>;

/**
 * The check of an element's relief: what each lever gave that should have arrived by now, what was given since, and the violation
 * at the start. After two windows in which relief did not arrive, levers take back some of it, one at a time.
 */
export const GuardCheck = Type.Object({
  limit: Type.String(),
  side: Type.Union([Type.Literal('max'), Type.Literal('min')]),
  from: Type.Number(),
  ageS: Type.Number(),
  due: Type.Record(Type.String(), Type.Number()),
  next: Type.Record(Type.String(), Type.Number()),
  strikes: Type.Number(),
  /** The last window moved the value further past its limit. */
  against: Type.Boolean(),
  /** Levers still to be tested; the first is taking back `step`, in the limit's unit. */
  tries: Type.Optional(Type.Array(Type.String())),
  step: Type.Optional(Type.Number()),
  /** That lever's value before it took back, kW or kvar. */
  at: Type.Optional(Type.Number()),
  /** What its first trial seemed to show. It gives the step again, which has to confirm it. */
  seems: Type.Optional(Type.Union([Type.Literal('against'), Type.Literal('none')])),
});
export type GuardCheck = Static<typeof GuardCheck>;

export const Verdict = Type.Union([
  /** The lever moves the element's value the wrong way. */
  Type.Literal('against'),
  /** The lever does not move it; it may be behind another element. */
  Type.Literal('none'),
  /** All levers seem to move it the wrong way, so its meter reads wrong. */
  Type.Literal('meter'),
  /** The steps are too small against the meter's error. The lever is not frozen. */
  Type.Literal('undecided'),
  /** The lever was tested and moves the value the right way. It is not tested again. */
  Type.Literal('right'),
]);
export type Verdict = Static<typeof Verdict>;

/** A finding about a lever on an element. It expires after `leftS`; then the lever may be tested again. */
export const GuardFinding = Type.Object({
  element: Type.String(),
  lever: Type.String(),
  verdict: Verdict,
  leftS: Type.Number(),
});
export type GuardFinding = Static<typeof GuardFinding>;

/** Terminal voltages and lever values while the guard held nothing; how long it has held something since, s. */
export const GuardCalm = Type.Object({
  heldS: Type.Number(),
  pu: Type.Record(Type.String(), Type.Number()),
  levers: Type.Record(Type.String(), Type.Number()),
});
export type GuardCalm = Static<typeof GuardCalm>;

export const GuardState = Type.Object({
  bounds: Type.Record(Type.String(), GuardBound),
  pending: Type.Record(Type.String(), GuardPending),
  leap: Type.Optional(GuardLeap),
  /** By element. */
  checks: Type.Optional(Type.Record(Type.String(), GuardCheck)),
  findings: Type.Optional(Type.Array(GuardFinding)),
  calm: Type.Optional(GuardCalm),
  /** How long ago the load behind a head fell, s, by its limit. */
  fell: Type.Optional(Type.Record(Type.String(), Type.Number())),
});
export type GuardState = Static<typeof GuardState>;

export const emptyGuardState = (): GuardState => ({ bounds: {}, pending: {} });

/** Whether a device runs, and for how long it has run or been off, s. */
export const RunState = Type.Object({ on: Type.Boolean(), forS: Type.Number({ minimum: 0 }) });
export type RunState = Static<typeof RunState>;

/** Thermal state of a transformer; temperature rises in K. */
export const ThermalMemory = Type.Object({
  oilK: Type.Number(),
  windingK: Type.Number(),
  lagK: Type.Number(),
  /** Last known load, per unit. */
  loadPu: Type.Number(),
  /** Ageing over the last day relative to normal ageing; 1 is the rate it is designed for. */
  ageing: Type.Number(),
});
export type ThermalMemory = Static<typeof ThermalMemory>;
