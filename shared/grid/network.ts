import { Type, type Static } from 'typebox';

/**
 * The canonical network model: SI-based units in the names, load convention. One document describes one substation with the
 * feeders behind it (or any other network). Bus and branch ids are unique within the document.
 */
const optional = Type.Optional;
const Name = Type.String({ minLength: 1, maxLength: 120 });

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
  /** Thermal rating as apparent power at nominal voltage; absent: no limit. */
  ratedKva: optional(Type.Number({ exclusiveMinimum: 0 })),
  closed: optional(Type.Boolean({ description: 'absent: true' })),
  feeder: optional(Name),
});
export type Line = Static<typeof Line>;

/** Two-winding transformer. Ratio = (ratedFromKv/ratedToKv) x (1 + tapPosition x tapStepPct/100) at the from side. */
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
  /** No-load losses and magnetising power at the from side. */
  ironKw: optional(Type.Number()),
  magnetisingKvar: optional(Type.Number()),
  tapPosition: optional(Type.Number()),
  tapMin: optional(Type.Integer()),
  tapMax: optional(Type.Integer()),
  tapStepPct: optional(Type.Number()),
  shiftDeg: optional(Type.Number()),
  closed: optional(Type.Boolean()),
});
export type Transformer = Static<typeof Transformer>;

export const Source = Type.Object({ id: Name, bus: Name, voltagePu: Type.Number(), angleDeg: optional(Type.Number()) });
export type Source = Static<typeof Source>;

/** Positive is consumption. */
export const Load = Type.Object({
  id: Name,
  bus: Name,
  activePowerKw: Type.Number(),
  reactivePowerKvar: Type.Number(),
});
export type Load = Static<typeof Load>;

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
  },
  { title: 'Network' },
);
export type Network = Static<typeof Network>;
