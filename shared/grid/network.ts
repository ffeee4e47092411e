import { Type, type Static, type TNumberOptions, type TSchema } from 'typebox';

/**
 * The canonical network model: SI-based units in the names, load convention. One document describes one substation and its feeders, or any
 * other network. Bus and branch ids are unique within the document. `loadstone grid describe` prints these schemas as tables, using the
 * descriptions given here.
 */
const maybe = Type.Optional;
const name = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, maxLength: 120, description });
const number = (description: string, limits: TNumberOptions = {}): ReturnType<typeof Type.Number> =>
  Type.Number({ ...limits, description });
const above0 = { exclusiveMinimum: 0 };
const list = <Item extends TSchema>(item: Item, description: string): ReturnType<typeof Type.Array<Item>> =>
  Type.Array(item, { description });

const id = name('unique among elements of its kind; for a branch, among all branches');
const label = maybe(name('display name'));
const feeder = maybe(name('feeder it belongs to'));
const bus = name('bus it is connected to');
const profile = maybe(name('time series that scales its power'));
const closed = maybe(Type.Boolean({ description: 'in service and closed at both ends; absent: true' }));
const noLoadAt = maybe(
  Type.Enum(['from', 'both', 'middle'], {
    description:
      'place of the no-load branch: at the from (high) bus; behind the ratio, half at each end of the series impedance (pi); behind the ratio, between its halves (T); absent: from',
  }),
);
const ironKw = maybe(number('no-load losses at 1 pu of the from (high) bus, tap at neutral'));
const magnetisingKvar = maybe(
  number('reactive power drawn without load, at 1 pu of the from (high) bus, tap at neutral'),
);
const tap = {
  tapPosition: maybe(number('steps from neutral; absent: 0')),
  tapMin: maybe(Type.Integer({ description: 'lowest step from neutral' })),
  tapMax: maybe(Type.Integer({ description: 'highest step from neutral' })),
  tapStepPct: maybe(number('change of the rated voltage with each step')),
};

export const Bus = Type.Object(
  {
    id,
    name: label,
    nominalKv: number('nominal voltage, line to line; 1 pu', above0),
    vMinPu: maybe(number('lowest voltage allowed')),
    vMaxPu: maybe(number('highest voltage allowed')),
    feeder,
    startPu: maybe(number('voltage from which a power flow may start if it fails from the no-load voltages', above0)),
    startDeg: maybe(number('angle from which such a power flow starts; absent: as without load')),
    x: maybe(number('position for drawing, schematic or geographic (longitude)')),
    y: maybe(number('position for drawing, schematic or geographic (latitude)')),
  },
  { title: 'buses', description: 'A node of the network.' },
);
export type Bus = Static<typeof Bus>;

export const Line = Type.Object(
  {
    id,
    name: label,
    from: name('bus at one end'),
    to: name('bus at the other end, of the same nominal voltage'),
    rOhm: number('series resistance of the whole line'),
    xOhm: number('series reactance of the whole line'),
    bUs: maybe(number('total charging susceptance, half at each end')),
    gUs: maybe(number('total conductance of the insulation, half at each end')),
    ratedKva: maybe(number('thermal rating as apparent power at nominal voltage; absent: no limit', above0)),
    closed,
    feeder,
  },
  { title: 'lines', description: 'Line or cable as a pi circuit.' },
);
export type Line = Static<typeof Line>;

export const Transformer = Type.Object(
  {
    id,
    name: label,
    from: name('bus at the from side'),
    to: name('bus at the to side'),
    ratedKva: number('rating; 100 % loading', above0),
    ratedFromKv: number('rated voltage of the from side at neutral tap', above0),
    ratedToKv: number('rated voltage of the to side at neutral tap', above0),
    rOhm: number('series resistance referred to the to side, at neutral tap'),
    xOhm: number('series reactance referred to the to side, at neutral tap'),
    ironKw,
    magnetisingKvar,
    noLoadAt,
    ...tap,
    tapSide: maybe(
      Type.Enum(['from', 'to'], {
        description:
          'side whose rated voltage the tap multiplies by 1 + tapPosition x tapStepPct/100; at the to side the series impedance scales with its square; absent: from',
      }),
    ),
    shiftDeg: maybe(number('angle of the from side ahead of the to side: 150 for vector group 5; absent: 0')),
    closed,
  },
  {
    title: 'transformers',
    description: 'Two-winding transformer: ideal ratio at the from bus, series impedance behind it.',
  },
);
export type Transformer = Static<typeof Transformer>;

export const ThreeWindingTransformer = Type.Object(
  {
    id,
    name: label,
    highBus: name('bus of the high winding'),
    mediumBus: name('bus of the medium winding'),
    lowBus: name('bus of the low winding'),
    ratedHighKv: number('rated voltage of the high winding at neutral tap', above0),
    ratedMediumKv: number('rated voltage of the medium winding at neutral tap', above0),
    ratedLowKv: number('rated voltage of the low winding at neutral tap', above0),
    ratedHighKva: number('rating of the high winding', above0),
    ratedMediumKva: number('rating of the medium winding', above0),
    ratedLowKva: number('rating of the low winding', above0),
    rHighOhm: number('resistance of the high leg of the star, referred to the high side'),
    xHighOhm: number('reactance of the high leg, referred to the high side; may be negative'),
    rMediumOhm: number('resistance of the medium leg, referred to the high side'),
    xMediumOhm: number('reactance of the medium leg, referred to the high side; may be negative'),
    rLowOhm: number('resistance of the low leg, referred to the high side'),
    xLowOhm: number('reactance of the low leg, referred to the high side; may be negative'),
    ironKw,
    magnetisingKvar,
    noLoadAt,
    shiftMediumDeg: maybe(number('angle of the high side ahead of the medium side; absent: 0')),
    shiftLowDeg: maybe(number('angle of the high side ahead of the low side; absent: 0')),
    tapSide: maybe(
      Type.Enum(['high', 'medium', 'low'], {
        description: 'winding whose rated voltage the tap multiplies by 1 + tapPosition x tapStepPct/100; absent: high',
      }),
    ),
    ...tap,
    closed,
  },
  { title: 'threeWindingTransformers', description: 'Three-winding transformer as a star of three legs.' },
);
export type ThreeWindingTransformer = Static<typeof ThreeWindingTransformer>;

export const Switch = Type.Object(
  {
    id,
    name: label,
    bus: name('bus at one side'),
    toBus: maybe(name('bus at the other side, joined without impedance; set either this or branch')),
    branch: maybe(name('branch joined to the bus at that end; set either this or toBus')),
    closed: Type.Boolean({
      description: 'whether it is closed; an open switch at one end of a branch leaves its charging at the other',
    }),
  },
  { title: 'switches', description: 'Joins two buses, or a branch of any kind to the bus at one of its ends.' },
);
export type Switch = Static<typeof Switch>;

export const Source = Type.Object(
  {
    id,
    name: label,
    bus,
    voltagePu: number('voltage it holds', above0),
    angleDeg: maybe(number('angle it holds; absent: 0')),
    shortCircuitMva: maybe(number('short-circuit power; absent: infinite', above0)),
    rxRatio: maybe(number('R/X ratio of the source impedance; absent: 0.1', { minimum: 0 })),
  },
  { title: 'sources', description: 'Grid behind the network: holds voltage and angle.' },
);
export type Source = Static<typeof Source>;

export const Load = Type.Object(
  {
    id,
    name: label,
    bus,
    activePowerKw: number('positive is consumption; at 1 pu'),
    reactivePowerKvar: number('positive is absorbed; at 1 pu'),
    activeCurrentPct: maybe(number('share of the active power proportional to the voltage; absent: 0')),
    activeImpedancePct: maybe(
      number('share of the active power proportional to the square of the voltage; the rest is constant; absent: 0'),
    ),
    reactiveCurrentPct: maybe(number('share of the reactive power proportional to the voltage; absent: 0')),
    reactiveImpedancePct: maybe(
      number('share of the reactive power proportional to the square of the voltage; absent: 0'),
    ),
    profile,
  },
  { title: 'loads', description: 'Consumption: constant power, current, impedance, or a mix.' },
);
export type Load = Static<typeof Load>;

export const Generator = Type.Object(
  {
    id,
    name: label,
    bus,
    activePowerKw: number('load convention: feed-in is negative'),
    reactivePowerKvar: maybe(
      number('negative is fed in, which raises the voltage; ignored if it holds the voltage; absent: 0'),
    ),
    voltagePu: maybe(
      number('voltage at which it holds its bus with reactive power; absent: no voltage control', above0),
    ),
    reactiveMinKvar: maybe(number('lower bound of reactive power, load convention: largest feed-in')),
    reactiveMaxKvar: maybe(number('upper bound of reactive power, load convention: largest absorption')),
    ratedKva: maybe(number('rated apparent power', above0)),
    profile,
  },
  { title: 'generators', description: 'Generation, with or without voltage control.' },
);
export type Generator = Static<typeof Generator>;

export const Storage = Type.Object(
  {
    id,
    name: label,
    bus,
    activePowerKw: number('positive charges'),
    reactivePowerKvar: number('positive is absorbed'),
    ratedKva: maybe(number('rated apparent power', above0)),
    energyKwh: maybe(number('energy capacity', { minimum: 0 })),
    stateOfChargePct: maybe(number('state of charge', { minimum: 0, maximum: 100 })),
    profile,
  },
  { title: 'storages', description: 'Battery or other storage.' },
);
export type Storage = Static<typeof Storage>;

export const Shunt = Type.Object(
  {
    id,
    name: label,
    bus,
    gKw: number('active power at 1 pu; positive consumes'),
    bKvar: number('reactive power at 1 pu; positive feeds in (a capacitor)'),
  },
  { title: 'shunts', description: 'Constant admittance.' },
);
export type Shunt = Static<typeof Shunt>;

export const Feeder = Type.Object(
  {
    id,
    name: name('display name'),
    headBranch: name('first branch of the feeder'),
    headBus: name('first bus of the feeder'),
    externalIds: maybe(
      Type.Record(Type.String(), Type.String(), { description: 'ids in other systems, such as mRID or EIC' }),
    ),
  },
  { title: 'feeders', description: 'The buses and branches behind one outgoing bay.' },
);
export type Feeder = Static<typeof Feeder>;

export const Network = Type.Object(
  {
    format: Type.Literal('loadstone-grid', { description: 'names this format' }),
    version: Type.Literal(1, { description: 'version of this format' }),
    id: name('of the network'),
    name: name('display name'),
    baseMva: number('base power of per-unit values inside the solvers', above0),
    topologyVersion: Type.Integer({ minimum: 0, description: 'incremented at each change of a switch state' }),
    buses: list(Bus, 'see buses'),
    lines: list(Line, 'see lines'),
    transformers: list(Transformer, 'see transformers'),
    sources: list(Source, 'see sources; several may feed one island'),
    loads: list(Load, 'see loads'),
    shunts: list(Shunt, 'see shunts'),
    feeders: list(Feeder, 'see feeders'),
    threeWindingTransformers: maybe(list(ThreeWindingTransformer, 'see threeWindingTransformers; absent: none')),
    switches: maybe(list(Switch, 'see switches; absent: none')),
    generators: maybe(list(Generator, 'see generators; absent: none')),
    storages: maybe(list(Storage, 'see storages; absent: none')),
  },
  { title: 'Network', description: 'The document. Values are in the load convention: positive is consumption.' },
);
export type Network = Static<typeof Network>;

export type NoLoadAt = NonNullable<Transformer['noLoadAt']>;
