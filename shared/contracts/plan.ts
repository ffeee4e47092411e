import { Type, type Static } from 'typebox';
import { Epoch, Id, Sequence, TimeMs } from './ids.ts';
import { SentenceList } from './sentence.ts';
import { DocumentReport } from './report.ts';

const Kw = Type.Number();
const closed = { additionalProperties: false } as const;

/** Signed pair of active power, kW, positive is consumption: (-exportKw, importKw). */
export const PowerRange = Type.Object({ minKw: Kw, maxKw: Kw }, closed);
export type PowerRange = Static<typeof PowerRange>;

/** The steps of a horizon: growing durations from a start. */
export const Horizon = Type.Object(
  { start: TimeMs, stepsS: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 400 }) },
  closed,
);
export type Horizon = Static<typeof Horizon>;

/** Price of consumption at a bus in a step, EUR/MWh, and the parts whose sum it is. */
export const BusPrice = Type.Object(
  {
    bus: Type.String({ maxLength: 120 }),
    step: Type.Integer({ minimum: 0 }),
    totalEurPerMwh: Type.Number(),
    energyEurPerMwh: Type.Number(),
    lossesEurPerMwh: Type.Number(),
    /** Ratings and the limit at the transformer. */
    congestionEurPerMwh: Type.Number(),
    voltageEurPerMwh: Type.Number(),
    /** What limits that are broken add: a penalty, no money, and no part of the total. Absent: none is. */
    penaltyPerMwh: Type.Optional(Type.Number()),
  },
  closed,
);
export type BusPrice = Static<typeof BusPrice>;

/** Reason of a setpoint: the binding constraint, its shadow price, and the outcome without it. */
export const Reason = Type.Object(
  {
    /** First and last step that this reason covers, inclusive. */
    fromStep: Type.Integer({ minimum: 0 }),
    toStep: Type.Integer({ minimum: 0 }),
    constraint: Type.String({ maxLength: 120 }),
    /** Bus, branch, transformer or device that the constraint stands on. */
    element: Type.String({ maxLength: 120 }),
    shadowPrice: Type.Number(),
    shadowPriceUnit: Type.String({ maxLength: 24 }),
    text: Type.String({ maxLength: 400 }),
    /** At the device's bus, in the step of the shadow price. */
    price: Type.Optional(BusPrice),
    /** "without this: owd-1-b18 at 1.093 pu at 12:30Z" */
    counterfactual: Type.Optional(Type.String({ maxLength: 300 })),
  },
  closed,
);
export type Reason = Static<typeof Reason>;

/** Targets of one device: one value per step; null in a step means no target (free within the envelope). */
export const DevicePlan = Type.Object(
  {
    device: Id,
    activePowerKw: Type.Optional(Type.Array(Type.Union([Kw, Type.Null()]))),
    reactivePowerKvar: Type.Optional(Type.Array(Type.Union([Kw, Type.Null()]))),
    /** Limit on what the device may feed in or take, magnitude in the device's own direction. */
    activePowerLimitKw: Type.Optional(Type.Array(Type.Union([Type.Number({ minimum: 0 }), Type.Null()]))),
    voltageTargetPu: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
    /** Steps of a capacitor bank that are switched in. */
    capacitorStep: Type.Optional(Type.Array(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]))),
    socPct: Type.Optional(Type.Array(Type.Number())),
    /** What charging sessions will lack in all when they leave, kWh; absent: nothing. */
    unservedKwh: Type.Optional(Type.Number({ minimum: 0 })),
    /** Operating envelope of the device in each step. */
    envelope: Type.Optional(Type.Array(PowerRange)),
    reasons: Type.Array(Reason, { maxItems: 40 }),
  },
  closed,
);
export type DevicePlan = Static<typeof DevicePlan>;

/** Operating envelope of a connection point: devices behind one customer's meter share it. */
export const ConnectionPointPlan = Type.Object(
  {
    id: Id,
    devices: Type.Array(Id, { maxItems: 60 }),
    /** What its devices may take and feed in together in each step, besides each its own. */
    envelope: Type.Array(PowerRange),
    /** What may flow at the customer's meter then, with the load behind it that nobody plans. */
    meter: Type.Array(PowerRange),
  },
  closed,
);
export type ConnectionPointPlan = Static<typeof ConnectionPointPlan>;

/** A limit that the gateway watches, with how it answers to each device: the guard's map. */
export const WatchedLimit = Type.Object(
  {
    id: Id,
    /** `transformer` or a feeder id, or the id of a device whose terminal is meant. */
    element: Type.String({ maxLength: 120 }),
    quantity: Type.Union([
      Type.Literal('activePowerKw'),
      Type.Literal('apparentPowerKva'),
      Type.Literal('voltagePu'),
      Type.Literal('currentA'),
    ]),
    min: Type.Number(),
    max: Type.Number(),
    /** Change of the quantity per kW (and per kvar) of the device, load convention. */
    perKw: Type.Record(Id, Type.Number()),
    perKvar: Type.Record(Id, Type.Number()),
  },
  closed,
);
export type WatchedLimit = Static<typeof WatchedLimit>;

/** A plan's assumptions. When one fails, the gateway drops its targets and uses the default envelopes. */
export const Assumptions = Type.Object(
  {
    topologyVersion: Type.Integer({ minimum: 0 }),
    devices: Type.Array(Id),
    /** Expected active power at the transformer and each feeder head, per step, kW. */
    heads: Type.Array(Type.Object({ element: Type.String(), lowKw: Type.Array(Kw), highKw: Type.Array(Kw) }, closed)),
    /** Substitutions that the plan was made with, in words. */
    substitutions: Type.Array(Type.String({ maxLength: 200 })),
    /** How the envelopes were shared out, in words. */
    envelopeRule: Type.Optional(Type.String({ maxLength: 300 })),
  },
  closed,
);

export const BindingConstraint = Type.Object(
  {
    step: Type.Integer({ minimum: 0 }),
    element: Type.String({ maxLength: 120 }),
    constraint: Type.String({ maxLength: 120 }),
    limit: Type.Number(),
    value: Type.Number(),
    unit: Type.String({ maxLength: 12 }),
    shadowPrice: Type.Number(),
    /** The limit is broken: its shadow price is the penalty of that, and no money. */
    penalty: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type BindingConstraint = Static<typeof BindingConstraint>;

/** One of the constraints that cannot hold together: a limit of the network, or what a device cannot do. */
export const ConflictMember = Type.Object(
  {
    kind: Type.Union([Type.Literal('limit'), Type.Literal('device')]),
    element: Type.String({ maxLength: 120 }),
    fromStep: Type.Integer({ minimum: 0 }),
    toStep: Type.Integer({ minimum: 0 }),
    /** Of a limit: which one of the element, as `binding` names it. Absent where there is no power flow. */
    constraint: Type.Optional(Type.String({ maxLength: 120 })),
    limit: Type.Optional(Type.Number()),
    unit: Type.Optional(Type.String({ maxLength: 12 })),
    text: Type.String({ maxLength: 200 }),
  },
  closed,
);
export type ConflictMember = Static<typeof ConflictMember>;

/** Why the plan is infeasible: constraints that cannot hold together. Each of them is needed for the conflict. */
export const Conflict = Type.Object(
  { text: Type.String({ maxLength: 600 }), members: Type.Array(ConflictMember, { minItems: 1, maxItems: 60 }) },
  closed,
);
export type Conflict = Static<typeof Conflict>;

/**
 * Reported where every limit holds at the median but the reserve for forecast errors is not complete: the limit most likely to be exceeded
 * in a step, before the guard acts.
 */
export const KeptRoom = Type.Object(
  {
    /** Of the errors that each limit is to keep room for. */
    quantile: Type.Number({ minimum: 0.5, maximum: 1 }),
    /** Between 0 (no error exceeds it) and 0.5 (the median is at the limit). A complete reserve leaves 1 less `quantile`. */
    breachProbability: Type.Number({ minimum: 0, maximum: 0.5 }),
    element: Type.String({ maxLength: 120 }),
    /** Which limit of the element, as `binding` names it. */
    constraint: Type.Optional(Type.String({ maxLength: 120 })),
    step: Type.Integer({ minimum: 0 }),
    text: Type.String({ maxLength: 400 }),
  },
  closed,
);
export type KeptRoom = Static<typeof KeptRoom>;

/**
 * Cost over the horizon, EUR. `totalEur` is the sum of the parts that are money;
 * `doNothingEur` is the same sum where nothing is done, 2^53 - 1 where
 * that has no power flow. */
export const Cost = Type.Object(
  {
    totalEur: Type.Number(),
    doNothingEur: Type.Number(),
    /** Energy bought less energy sold, without what is lost. */
    energyEur: Type.Optional(Type.Number()),
    /** CO2 of the energy bought less that of the energy sold, without what is lost. */
    emissionsEur: Type.Optional(Type.Number()),
    lossesEur: Type.Number(),
    /** Highest import of the horizon. */
    peakEur: Type.Optional(Type.Number()),
    /** Against what devices would do by themselves: curtailment, wear, delay, shifting, moves, unserved energy, unfairness. */
    interventionEur: Type.Number(),
    /** A penalty, and no money: what is beyond limits and the room kept at them, at a price that stands above all else. No part of `totalEur`. */
    violationEur: Type.Number(),
    /** The same penalty where nothing is done. */
    doNothingViolationEur: Type.Optional(Type.Number()),
  },
  closed,
);
export type Cost = Static<typeof Cost>;

/** One plan covers one gateway: the transformer is a limit that its feeders share. */
export const PlanBody = Type.Object(
  {
    id: Type.String({ minLength: 4, maxLength: 64 }),
    substation: Id,
    /**
     * Why it was made. A change: topology, devices, inputs, forecast, measured, limits, prices, sessions. An event: spike,
     * assumption-failed, gateway-born, device-lost, operator. Or age: schedule.
     */
    trigger: Type.String({ maxLength: 40 }),
    /**
     * `least-violation`: a limit is exceeded and the devices cannot relieve it. `holds-at-median`: every limit holds at the median, with
     * less reserve for forecast errors than required.
     */
    status: Type.Union([
      Type.Literal('optimal'),
      Type.Literal('holds-at-median'),
      Type.Literal('least-violation'),
      Type.Literal('envelopes-only'),
    ]),
    horizon: Horizon,
    devices: Type.Array(DevicePlan, { maxItems: 600 }),
    /** Absent where no connection point is known: each device stands on its own envelope. */
    connectionPoints: Type.Optional(Type.Array(ConnectionPointPlan, { maxItems: 600 })),
    /** What all devices with an envelope may take and feed in together in each step, besides each its own. */
    envelope: Type.Optional(Type.Array(PowerRange)),
    /**
     * Expected power of transformer and heads under the plan, kW per step. `devicesKw`: what the devices there add to the
     * uncontrolled load, storage, charging and flexible load as they are planned and the sun that is curtailed.
     */
    expected: Type.Array(
      Type.Object(
        { element: Type.String(), activePowerKw: Type.Array(Kw), devicesKw: Type.Optional(Type.Array(Kw)) },
        closed,
      ),
    ),
    watched: Type.Array(WatchedLimit, { maxItems: 200 }),
    assumptions: Assumptions,
    binding: Type.Array(BindingConstraint, { maxItems: 400 }),
    /** Where the status is `least-violation`. */
    conflict: Type.Optional(Conflict),
    /** Where the status is `holds-at-median`. */
    room: Type.Optional(KeptRoom),
    cost: Cost,
    /** Result of the AC power flow over the plan, at the middle of the forecast and at its corners. */
    verified: Type.Object(
      {
        maxVoltageViolationPu: Type.Number(),
        maxLoadingPct: Type.Number(),
        worstElement: Type.String({ maxLength: 120 }),
      },
      closed,
    ),
    /** The same figures where nothing had been done. */
    doNothing: Type.Optional(
      Type.Object(
        {
          maxVoltageViolationPu: Type.Number(),
          maxLoadingPct: Type.Number(),
          worstElement: Type.String({ maxLength: 120 }),
        },
        closed,
      ),
    ),
    /** What its texts are made of; absent: an older version made the plan. */
    sentences: Type.Optional(SentenceList),
    solveMs: Type.Number(),
    forecastId: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);
export type PlanBody = Static<typeof PlanBody>;

/** The newest plan of a substation, its document and its life cycle. */
export const PlanView = Type.Object(
  {
    plan: PlanBody,
    document: Type.Object({ epoch: Epoch, sequence: Sequence, issuedAt: TimeMs, validUntil: TimeMs }),
    stages: Type.Array(DocumentReport),
  },
  { title: 'PlanView' },
);
export type PlanView = Readonly<Static<typeof PlanView>>;
