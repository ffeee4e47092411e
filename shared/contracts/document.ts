import { Type, type Static, type TSchema } from 'typebox';
import { Epoch, FeederMode, Id, Sequence, TimeMs } from './ids.ts';
import { TrainingTask } from './federated.ts';
import { PlanBody } from './plan.ts';
import { ModelOffer } from './model.ts';
import { ShareSchedule } from './share-schedule.ts';

/**
 * A desired document travels as a compact JWS (EdDSA over Ed25519; header: alg, kid, typ `loadstone+jws`). A gateway accepts it if a pinned
 * key signed it, it is addressed to the gateway, its (epoch, sequence) is above the last accepted one of its type, and plant time lies
 * within its validity. The gateway persists (epoch, sequence) first. Unknown fields are refused.
 */
const header = <Kind extends string, Body extends TSchema>(kind: Kind, body: Body) =>
  Type.Object(
    {
      type: Type.Literal(kind),
      version: Type.Literal(1),
      gateway: Id,
      epoch: Epoch,
      sequence: Sequence,
      /** Plant time. */
      issuedAt: TimeMs,
      /** After this plant time the document is no longer accepted. */
      acceptUntil: TimeMs,
      validFrom: TimeMs,
      validUntil: TimeMs,
      body,
    },
    { additionalProperties: false },
  );

export const PlanDocument = header('plan', PlanBody);
export type PlanDocument = Static<typeof PlanDocument>;

/** When a plan's first step begins, ms UTC. */
export const planBegin = ({ validFrom, body }: PlanDocument): number => Math.max(validFrom, body.horizon.start);

export const ModelDocument = header('model', ModelOffer);
export type ModelDocument = Static<typeof ModelDocument>;

/** Settings that an operator changes remotely. They never widen the gateway's own hard limits. */
export const SettingsBody = Type.Object(
  {
    mode: Type.Optional(Type.Union([Type.Literal('monitor'), Type.Literal('manual'), Type.Literal('automatic')])),
    /** This gateway's share of the region's limit, which only the cloud knows. Magnitudes. */
    gridLimit: Type.Optional(
      Type.Object(
        {
          importKw: Type.Number({ minimum: 0 }),
          exportKw: Type.Number({ minimum: 0 }),
          /** The share per step. It also holds while no heartbeat arrives. */
          schedule: Type.Optional(ShareSchedule),
        },
        { additionalProperties: false },
      ),
    ),
    /** Faulty meters, by device id, that the cloud found in their history. The gateway's own evidence can clear a finding. */
    meters: Type.Optional(Type.Record(Id, Type.Union([Type.Literal('reversed'), Type.Literal('dead')]))),
  },
  { additionalProperties: false },
);
export type SettingsBody = Static<typeof SettingsBody>;
export const SettingsDocument = header('settings', SettingsBody);
export type SettingsDocument = Static<typeof SettingsDocument>;

export const Setpoint = Type.Object(
  {
    activePowerKw: Type.Optional(Type.Number()),
    reactivePowerKvar: Type.Optional(Type.Number()),
    activePowerLimitKw: Type.Optional(Type.Number({ minimum: 0 })),
    voltageTargetPu: Type.Optional(Type.Number({ minimum: 0.8, maximum: 1.2 })),
    capacitorStep: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  },
  { additionalProperties: false },
);

/** A command acts once; a repeated id returns the stored outcome. Overrides always expire. */
export const CommandBody = Type.Object(
  {
    id: Type.String({ minLength: 8, maxLength: 64 }),
    /**
     * `select` asks whether an override of this device and value would be accepted, and reserves the device for its user until the override
     * arrives or 30 s of machine time pass (select before operate, IEC 61850-7-2). It goes only to gateways that report `selects`.
     * `cancel` lets the same user end that selection early (Cancel in IEC 61850-7-2). It goes only to gateways that report `cancels`.
     * `mode` sets monitor, manual or automatic. `approve-plan` lets a plan be followed in manual mode, `refuse-plan` drops its targets.
     * `emergency` raises an element's power limits to the emergency values configured on site, until `expiresAt`.
     */
    kind: Type.Union([
      Type.Literal('select'),
      Type.Literal('cancel'),
      Type.Literal('override'),
      Type.Literal('release'),
      Type.Literal('stop'),
      Type.Literal('resume'),
      Type.Literal('tag'),
      Type.Literal('untag'),
      Type.Literal('mode'),
      Type.Literal('approve-plan'),
      Type.Literal('refuse-plan'),
      Type.Literal('emergency'),
      Type.Literal('normal'),
    ]),
    /** Without `device` and `feeder` the command applies to the whole gateway (stop, resume, mode). */
    device: Type.Optional(Id),
    /** Id of a feeder in the network. The command applies to all devices behind its head. */
    feeder: Type.Optional(Id),
    mode: Type.Optional(FeederMode),
    /** id of the plan to approve or refuse. */
    plan: Type.Optional(Type.String({ minLength: 4, maxLength: 64 })),
    /** Element whose limits are raised or restored: a feeder, or the substation for its transformer. */
    element: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
    setpoint: Type.Optional(Setpoint),
    /**
     * Id of the `select` that this override confirms or this cancel ends. An override without it comes from a cloud or goes to a gateway
     * that predates selections.
     */
    selection: Type.Optional(Type.String({ minLength: 8, maxLength: 64 })),
    /** Duration of an override, s of plant time. A `select` fixes it and its override repeats it. */
    durationS: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    reason: Type.String({ minLength: 1, maxLength: 300 }),
    user: Type.String({ minLength: 1, maxLength: 64 }),
    expiresAt: TimeMs,
  },
  { additionalProperties: false },
);
export type CommandBody = Static<typeof CommandBody>;
export const CommandDocument = header('command', CommandBody);
export type CommandDocument = Static<typeof CommandDocument>;

export const TrainingDocument = header('training', TrainingTask);
export type TrainingDocument = Static<typeof TrainingDocument>;

const MOST_HOURS = 400;

/** The temperature at the gateway's substation, some days back and ahead, for the gateway's own forecast. */
export const WeatherBody = Type.Object(
  {
    /** Start of the first hour. */
    start: TimeMs,
    stepS: Type.Literal(3600),
    /** Mean of each hour, degrees Celsius; null where unknown. */
    temperatureC: Type.Array(Type.Union([Type.Number({ minimum: -90, maximum: 70 }), Type.Null()]), {
      minItems: 1,
      maxItems: MOST_HOURS,
    }),
  },
  { additionalProperties: false },
);
export type WeatherBody = Static<typeof WeatherBody>;
export const WeatherDocument = header('weather', WeatherBody);
export type WeatherDocument = Static<typeof WeatherDocument>;

export type DesiredDocument =
  | PlanDocument
  | ModelDocument
  | SettingsDocument
  | CommandDocument
  | TrainingDocument
  | WeatherDocument;
export type DocumentType = DesiredDocument['type'];

/** Id under which a document's stages are reported; settings and weather have none of their own. */
export const reportIdOf = ({ type, epoch, sequence, body }: DesiredDocument): string =>
  'id' in body ? body.id : `${type}-${epoch}-${sequence}`;

export const documentSchemas = {
  plan: PlanDocument,
  model: ModelDocument,
  settings: SettingsDocument,
  command: CommandDocument,
  training: TrainingDocument,
  weather: WeatherDocument,
} as const;
