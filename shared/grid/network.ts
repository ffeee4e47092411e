import { Type, type Static } from 'typebox';

/**
 * The canonical network model: SI-based units in the names, load convention. One document describes one substation with the
 * feeders behind it (or any other network). Bus and branch ids are unique within the document.
 */
const optional = Type.Optional;
const Name = Type.String({ minLength: 1, maxLength: 120 });

const NoLoadAt = Type.Union([Type.Literal('from'), Type.Literal('both'), Type.Literal('middle')]);
export type NoLoadAt = Static<typeof NoLoadAt>;

export const Bus = Type.Object({
  id: Name,
  nominalKv: Type.Number({ exclusiveMinimum: 0 }),
  vMinPu: optional(Type.Number()),
  vMaxPu: optional(Type.Number()),
  feeder: optional(Name),
  /** Schematic or geographic position, for drawing. */
  x: optional(Type.Number()),
  y: optional(Type.Number()),
});
export type Bus = Static<typeof Bus>;

/** Pi model: series impedance in ohm of the whole line, total charging susceptance in microsiemens. */
export const Line = Type.Object({
  id: Name,
  from: Name,
  to: Name,
  rOhm: Type.Number(),
  xOhm: Type.Number(),
  bUs: optional(Type.Number()),
  /** Total conductance of the insulation, microsiemens, half at each end. */
  gUs: optional(Type.Number()),
  /** Thermal rating as apparent power at nominal voltage; absent: no limit. */
  ratedKva: optional(Type.Number({ exclusiveMinimum: 0 })),
  closed: optional(Type.Boolean({ description: 'absent: true' })),
  feeder: optional(Name),
});
export type Line = Static<typeof Line>;

/**
 * Two-winding transformer. Ratio = (ratedFromKv/ratedToKv) x (1 + tapPosition x tapStepPct/100) at the from side; with `tapSide`
 * "to" the tap multiplies ratedToKv, and the series impedance goes with its square. Taps count from neutral.
 */
export const Transformer = Type.Object({
  id: Name,
  from: Name,
  to: Name,
  ratedKva: Type.Number({ exclusiveMinimum: 0 }),
  ratedFromKv: Type.Number({ exclusiveMinimum: 0 }),
  ratedToKv: Type.Number({ exclusiveMinimum: 0 }),
  /** Series impedance referred to the to side, ohm. */
  rOhm: Type.Number(),
  xOhm: Type.Number(),
  /** No-load losses and magnetising power at 1 pu of the from bus, tap at neutral. */
  ironKw: optional(Type.Number()),
  magnetisingKvar: optional(Type.Number()),
  /**
   * Where the no-load branch stands; absent: at the from bus. "both": behind the ratio, half at each end of the series impedance
   * (pi); "middle": behind the ratio, between its halves (T).
   */
  noLoadAt: optional(NoLoadAt),
  tapPosition: optional(Type.Number()),
  tapMin: optional(Type.Integer()),
  tapMax: optional(Type.Integer()),
  tapStepPct: optional(Type.Number()),
  tapSide: optional(Type.Union([Type.Literal('from'), Type.Literal('to')])),
  /** Angle of the from side ahead of the to side: 150 for vector group 5. */
  shiftDeg: optional(Type.Number()),
  closed: optional(Type.Boolean()),
});
export type Transformer = Static<typeof Transformer>;

const Side = Type.Union([Type.Literal('high'), Type.Literal('medium'), Type.Literal('low')]);

/** Three-winding transformer as a star of three legs, each with its impedance referred to the high side at neutral tap. */
export const ThreeWindingTransformer = Type.Object({
  id: Name,
  highBus: Name,
  mediumBus: Name,
  lowBus: Name,
  ratedHighKv: Type.Number({ exclusiveMinimum: 0 }),
  ratedMediumKv: Type.Number({ exclusiveMinimum: 0 }),
  ratedLowKv: Type.Number({ exclusiveMinimum: 0 }),
  ratedHighKva: Type.Number({ exclusiveMinimum: 0 }),
  ratedMediumKva: Type.Number({ exclusiveMinimum: 0 }),
  ratedLowKva: Type.Number({ exclusiveMinimum: 0 }),
  rHighOhm: Type.Number(),
  xHighOhm: Type.Number(),
  rMediumOhm: Type.Number(),
  xMediumOhm: Type.Number(),
  rLowOhm: Type.Number(),
  xLowOhm: Type.Number(),
  /** No-load losses and magnetising power of the high leg, at 1 pu of the high bus, tap at neutral. */
  ironKw: optional(Type.Number()),
  magnetisingKvar: optional(Type.Number()),
  /** As of a two-winding transformer, with the high bus as its from side. */
  noLoadAt: optional(NoLoadAt),
  /** Angle of the high side ahead of the other. */
  shiftMediumDeg: optional(Type.Number()),
  shiftLowDeg: optional(Type.Number()),
  /** The winding whose rated voltage the tap multiplies by 1 + tapPosition x tapStepPct/100; absent: high. */
  tapSide: optional(Side),
  tapPosition: optional(Type.Number()),
  tapMin: optional(Type.Integer()),
  tapMax: optional(Type.Integer()),
  tapStepPct: optional(Type.Number()),
  closed: optional(Type.Boolean()),
});
export type ThreeWindingTransformer = Static<typeof ThreeWindingTransformer>;

/**
 * Joins two buses without impedance (`toBus`), or a branch to the bus at one of its ends (`branch`: line, transformer or
 * three-winding transformer). Exactly one of both. An open switch at one end leaves the branch's charging at the other.
 */
export const Switch = Type.Object({
  id: Name,
  bus: Name,
  toBus: optional(Name),
  branch: optional(Name),
  closed: Type.Boolean(),
});
export type Switch = Static<typeof Switch>;

/** Holds voltage and angle; with a short-circuit power it does so behind its impedance. */
export const Source = Type.Object({
  id: Name,
  bus: Name,
  voltagePu: Type.Number(),
  angleDeg: optional(Type.Number()),
  shortCircuitMva: optional(Type.Number({ exclusiveMinimum: 0 })),
  /** Resistance over reactance of that impedance; absent: 0.1. */
  rxRatio: optional(Type.Number({ minimum: 0 })),
});
export type Source = Static<typeof Source>;

/** Positive is consumption. */
export const Load = Type.Object({
  id: Name,
  bus: Name,
  activePowerKw: Type.Number(),
  reactivePowerKvar: Type.Number(),
  /** Shares of the power that go with the voltage (constant current) or its square (constant impedance); the rest is constant. */
  activeCurrentPct: optional(Type.Number()),
  activeImpedancePct: optional(Type.Number()),
  reactiveCurrentPct: optional(Type.Number()),
  reactiveImpedancePct: optional(Type.Number()),
  /** Name of the series that scales it. */
  profile: optional(Name),
});
export type Load = Static<typeof Load>;

/** Whether any part of a load is not of constant power. */
export const goesWithVoltage = (load: Load): boolean =>
  [load.activeCurrentPct, load.activeImpedancePct, load.reactiveCurrentPct, load.reactiveImpedancePct].some(
    (share) => share !== undefined && share !== 0,
  );

/** Load convention: what it feeds in is negative. With `voltagePu` it holds the voltage of its bus by its reactive power. */
export const Generator = Type.Object({
  id: Name,
  bus: Name,
  activePowerKw: Type.Number(),
  /** Ignored where it holds the voltage. */
  reactivePowerKvar: optional(Type.Number()),
  voltagePu: optional(Type.Number({ exclusiveMinimum: 0 })),
  /** Signed pair, load convention: the minimum feeds in most. */
  reactiveMinKvar: optional(Type.Number()),
  reactiveMaxKvar: optional(Type.Number()),
  ratedKva: optional(Type.Number({ exclusiveMinimum: 0 })),
  profile: optional(Name),
});
export type Generator = Static<typeof Generator>;

/** Positive power charges. */
export const Storage = Type.Object({
  id: Name,
  bus: Name,
  activePowerKw: Type.Number(),
  reactivePowerKvar: Type.Number(),
  ratedKva: optional(Type.Number({ exclusiveMinimum: 0 })),
  energyKwh: optional(Type.Number({ minimum: 0 })),
  stateOfChargePct: optional(Type.Number({ minimum: 0, maximum: 100 })),
  profile: optional(Name),
});
export type Storage = Static<typeof Storage>;

/** Constant admittance at 1 pu voltage: conductance consumes, positive susceptance feeds reactive power in. */
export const Shunt = Type.Object({ id: Name, bus: Name, gKw: Type.Number(), bKvar: Type.Number() });
export type Shunt = Static<typeof Shunt>;

export const Feeder = Type.Object({ id: Name, name: Name, headBranch: Name, headBus: Name });
export type Feeder = Static<typeof Feeder>;

export const Network = Type.Object(
  {
    format: Type.Literal('loadstone-grid'),
    version: Type.Literal(1),
    id: Name,
    name: Name,
    baseMva: Type.Number({ exclusiveMinimum: 0 }),
    /** Counts up with each change of a switch state. */
    topologyVersion: Type.Integer({ minimum: 0 }),
    buses: Type.Array(Bus),
    lines: Type.Array(Line),
    transformers: Type.Array(Transformer),
    sources: Type.Array(Source),
    loads: Type.Array(Load),
    shunts: Type.Array(Shunt),
    feeders: Type.Array(Feeder),
    /** Each absent: none. */
    threeWindingTransformers: optional(Type.Array(ThreeWindingTransformer)),
    switches: optional(Type.Array(Switch)),
    generators: optional(Type.Array(Generator)),
    storages: optional(Type.Array(Storage)),
  },
  { title: 'Network' },
);
export type Network = Static<typeof Network>;
