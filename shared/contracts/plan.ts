import { Type, type Static } from 'typebox';
import { Epoch, Id, Sequence, TimeMs } from './ids.ts';
import { SentenceList } from './sentence.ts';
import { DocumentReport } from './report.ts';
import { MOST_WATCHED } from './most-watched.ts';

const Kw = Type.Number();
const closed = { additionalProperties: false } as const;

/** Signed range of active power, kW; positive is consumption: (-exportKw, importKw). */
export const PowerRange = Type.Object({ minKw: Kw, maxKw: Kw }, closed);
export type PowerRange = Static<typeof PowerRange>;

/** The steps of a horizon: durations from a start. */
export const Horizon = Type.Object(
  { start: TimeMs, stepsS: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 400 }) },
  closed,
);
export type Horizon = Static<typeof Horizon>;

/** Price of consumption at a bus in a step, EUR/MWh, and the parts that add up to it. */
export const BusPrice = Type.Object(
  {
    bus: Type.String({ maxLength: 120 }),
    step: Type.Integer({ minimum: 0 }),
    totalEurPerMwh: Type.Number(),
    energyEurPerMwh: Type.Number(),
    lossesEurPerMwh: Type.Number(),
    /** From ratings and the limit at the transformer. */
    congestionEurPerMwh: Type.Number(),
    voltageEurPerMwh: Type.Number(),
    /** Penalty for violated limits. It is not money and not part of the total. Absent if no limit is violated. */
    penaltyPerMwh: Type.Optional(Type.Number()),
  },
  closed,
);
export type BusPrice = Static<typeof BusPrice>;

/** Reason for a setpoint: the binding constraint, its shadow price, and the outcome without it. */
export const Reason = Type.Object(
  {
    /** First and last step that the reason covers, inclusive. */
    fromStep: Type.Integer({ minimum: 0 }),
    toStep: Type.Integer({ minimum: 0 }),
    constraint: Type.String({ maxLength: 120 }),
    /** Bus, branch, transformer or device of the constraint. */
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

/** Targets of one device, one value per step. Null means no target in that step (free within the envelope). */
export const DevicePlan = Type.Object(
  {
    device: Id,
    activePowerKw: Type.Optional(Type.Array(Type.Union([Kw, Type.Null()]))),
    reactivePowerKvar: Type.Optional(Type.Array(Type.Union([Kw, Type.Null()]))),
    /** Limit on feed-in or consumption, a magnitude in the device's own direction. */
    activePowerLimitKw: Type.Optional(Type.Array(Type.Union([Type.Number({ minimum: 0 }), Type.Null()]))),
    voltageTargetPu: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
    /** Steps of a capacitor bank to switch in. */
    capacitorStep: Type.Optional(Type.Array(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]))),
    socPct: Type.Optional(Type.Array(Type.Number())),
    /** Energy that charging sessions will lack in total at departure, kWh. Absent if none. */
    unservedKwh: Type.Optional(Type.Number({ minimum: 0 })),
    /** Operating envelope of the device per step. */
    envelope: Type.Optional(Type.Array(PowerRange)),
    reasons: Type.Array(Reason, { maxItems: 40 }),
  },
  closed,
);
export type DevicePlan = Static<typeof DevicePlan>;

/** Operating envelope of a connection point. The devices behind one customer's meter share it. */
export const ConnectionPointPlan = Type.Object(
  {
    id: Id,
    devices: Type.Array(Id, { maxItems: 60 }),
    /** Bounds on the sum of its devices per step, in addition to each device's own envelope. */
    envelope: Type.Array(PowerRange),
    /** Resulting bounds at the customer's meter, including the unplanned load behind it. */
    meter: Type.Array(PowerRange),
  },
  closed,
);
export type ConnectionPointPlan = Static<typeof ConnectionPointPlan>;

/** A limit that the gateway watches, with its sensitivity to each device: the input of the guard. */
export const WatchedLimit = Type.Object(
  {
    id: Id,
    /** `transformer`, a feeder id, or the id of a device for the voltage or current at its terminal. */
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

/** Assumptions of a plan. When one fails, the gateway drops the targets and uses the default envelopes. */
export const Assumptions = Type.Object(
  {
    topologyVersion: Type.Integer({ minimum: 0 }),
    devices: Type.Array(Id),
    /** Expected active power at the transformer and each feeder head, per step, kW. */
    heads: Type.Array(Type.Object({ element: Type.String(), lowKw: Type.Array(Kw), highKw: Type.Array(Kw) }, closed)),
    /** Substituted inputs of the plan, in words. */
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
    /** The limit is violated: its shadow price is a penalty, not money. */
    penalty: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type BindingConstraint = Static<typeof BindingConstraint>;

/** One of the constraints that cannot hold together: a network limit, or a device's capability. */
export const ConflictMember = Type.Object(
  {
    kind: Type.Union([Type.Literal('limit'), Type.Literal('device')]),
    element: Type.String({ maxLength: 120 }),
    fromStep: Type.Integer({ minimum: 0 }),
    toStep: Type.Integer({ minimum: 0 }),
    /** For a limit: its name, as in `binding`. Absent if there is no power flow. */
    constraint: Type.Optional(Type.String({ maxLength: 120 })),
    limit: Type.Optional(Type.Number()),
    unit: Type.Optional(Type.String({ maxLength: 12 })),
    text: Type.String({ maxLength: 200 }),
  },
  closed,
);
export type ConflictMember = Static<typeof ConflictMember>;

/**
 * Why no plan was found that keeps all limits: a set of constraints that cannot hold together while the power flow is linearised around this
 * plan, minimal unless `notMinimal`. It explains this plan, and proves nothing of plans far from it.
 */
export const Conflict = Type.Object(
  {
    text: Type.String({ maxLength: 600 }),
    members: Type.Array(ConflictMember, { minItems: 1, maxItems: 60 }),
    /** The search for a minimal set ended early: some of the members may not be needed. */
    notMinimal: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type Conflict = Static<typeof Conflict>;

/**
 * Present if every limit holds at the median but the reserve for forecast errors is incomplete: the limit most likely to be exceeded in a
 * step, before the guard acts.
 */
export const ReserveShortfall = Type.Object(
  {
    /** Quantile of the errors for which each limit should keep room. */
    quantile: Type.Number({ minimum: 0.5, maximum: 1 }),
    /** Between 0 (no error exceeds the limit) and 0.5 (the median is at the limit). With a complete reserve it is 1 - `quantile`. */
    breachProbability: Type.Number({ minimum: 0, maximum: 0.5 }),
    element: Type.String({ maxLength: 120 }),
    /** Name of the limit, as in `binding`. */
    constraint: Type.Optional(Type.String({ maxLength: 120 })),
    step: Type.Integer({ minimum: 0 }),
    text: Type.String({ maxLength: 400 }),
  },
  closed,
);
export type ReserveShortfall = Static<typeof ReserveShortfall>;

/**
 * Cost over the horizon, EUR. `totalEur` is the sum of the monetary parts. `doNothingEur` is the same sum if nothing is done, or 2^53 - 1
 * if that case has no power flow.
 */
export const Cost = Type.Object(
  {
    totalEur: Type.Number(),
    doNothingEur: Type.Number(),
    /** Energy bought minus energy sold, without losses. */
    energyEur: Type.Optional(Type.Number()),
    /** CO2 of energy bought minus energy sold, without losses. */
    emissionsEur: Type.Optional(Type.Number()),
    lossesEur: Type.Number(),
    /** Cost of the highest import in the horizon, and of what each month's peak is exceeded by under a capacity tariff. */
    peakEur: Type.Optional(Type.Number()),
    /** Cost of deviating from the devices' own behaviour: curtailment, wear, delay, shifting, moves, unserved energy. */
    interventionEur: Type.Number(),
    /**
     * Penalty for levels of charge missing at the end of the horizon and for unfair curtailment. It steers the plan; it is not money and
     * not part of `totalEur`.
     */
    penaltyEur: Type.Optional(Type.Number()),
    /** The same penalty if nothing is done. */
    doNothingPenaltyEur: Type.Optional(Type.Number()),
    /** Penalty for exceeded limits and missing reserve, at a price above everything else. It is not money and not part of `totalEur`. */
    violationEur: Type.Number(),
    /** The penalty for exceeded limits if nothing is done. */
    doNothingViolationEur: Type.Optional(Type.Number()),
  },
  closed,
);
export type Cost = Static<typeof Cost>;

/** One plan covers one gateway, because its feeders share the transformer's limit. */
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
     * `least-violation`: the plan passes a limit, and the search found none that keeps all; that there is none is not proven. `holds-at-median`: every limit holds at the median, with
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
    /** Absent if no connection point is known; each device then has only its own envelope. */
    connectionPoints: Type.Optional(Type.Array(ConnectionPointPlan, { maxItems: 600 })),
    /** Bounds on the sum of all devices with an envelope per step, in addition to each device's own envelope. */
    envelope: Type.Optional(Type.Array(PowerRange)),
    /**
     * Expected power of transformer and heads under the plan, kW per step. `devicesKw`: what the devices there add to the uncontrolled
     * load, namely storage, charging and flexible load as planned, and curtailed PV.
     */
    expected: Type.Array(
      Type.Object(
        { element: Type.String(), activePowerKw: Type.Array(Kw), devicesKw: Type.Optional(Type.Array(Kw)) },
        closed,
      ),
    ),
    watched: Type.Array(WatchedLimit, { maxItems: MOST_WATCHED }),
    assumptions: Assumptions,
    binding: Type.Array(BindingConstraint, { maxItems: 400 }),
    /** If the status is `least-violation` and a conflict was found. */
    conflict: Type.Optional(Conflict),
    /** Present if the status is `holds-at-median`. */
    room: Type.Optional(ReserveShortfall),
    cost: Cost,
    /** Result of the AC power flow over the plan, at the median of the forecast and at its corners. */
    verified: Type.Object(
      {
        maxVoltageViolationPu: Type.Number(),
        maxLoadingPct: Type.Number(),
        worstElement: Type.String({ maxLength: 120 }),
      },
      closed,
    ),
    /** The same figures if nothing were done. */
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
    /** Codes and values of the plan's texts. Absent if an older version made the plan. */
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
