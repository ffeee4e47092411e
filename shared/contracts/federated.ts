import { Type, type Static } from 'typebox';
import { Coverage } from './coverage.ts';
import { TimeMs } from './ids.ts';

const closed = { additionalProperties: false } as const;
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** Version of the shared network: its rows, sizes and quantiles. A gateway refuses any other version. */
export const NETWORK_VERSION = 1;

/**
 * Body of a training document: one round of federated learning for one gateway. The gateway fetches the base weights (float32, little
 * endian) by hash, trains on its own load and offers the change of its weights.
 */
export const TrainingTask = Type.Object(
  {
    id: Type.String({ minLength: 8, maxLength: 64 }),
    round: Type.Integer({ minimum: 1, maximum: 1000 }),
    network: Type.Integer({ minimum: 1 }),
    base: Type.Object({ sha256: Sha256, bytes: Type.Integer({ minimum: 4, maximum: 4_000_000 }) }, closed),
    /** Passes over the rows. 0: the gateway only evaluates the base and does not train. */
    epochs: Type.Integer({ minimum: 0, maximum: 50 }),
    rowsPerEpoch: Type.Integer({ minimum: 256, maximum: 200_000 }),
    rate: Type.Number({ exclusiveMinimum: 0, maximum: 0.1 }),
    /** Pull back to the base (FedProx). */
    proximal: Type.Number({ minimum: 0, maximum: 100 }),
    /** Largest L2 norm of the update, before noise. */
    clip: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
    /** Standard deviation of the Gaussian noise on each weight, divided by `clip`; 0 for no noise. */
    noiseMultiplier: Type.Number({ minimum: 0, maximum: 100 }),
    /** Length of the held-back window in days. The base is evaluated on it and training does not use it. */
    heldBackDays: Type.Integer({ minimum: 7, maximum: 60 }),
    /** Plant time after which the round counts without this gateway. */
    deadline: TimeMs,
  },
  closed,
);
export type TrainingTask = Static<typeof TrainingTask>;

const Loss = Type.Number({ minimum: 0 });

/** Sums of pinball losses (P10, P50, P90), kW, over the forecasts that would have been issued on one UTC day. */
export const DayLoss = Type.Object({
  day: TimeMs,
  n: Type.Integer({ minimum: 1, maximum: 2 ** 31 }),
  model: Loss,
  seasonalNaive: Loss,
  seasonalNaiveWeek: Loss,
  sameHourMean: Loss,
  /** Absent if not counted. */
  coverage: Type.Optional(Coverage),
});

/** How well the base performs at a gateway, on days that no round has trained on. */
export const BaseMetrics = Type.Object({
  window: Type.String({ maxLength: 80 }),
  nMae: Loss,
  pinball: Loss,
  coverage80: Type.Number({ minimum: 0, maximum: 1 }),
  seasonalNaiveNMae: Loss,
  seasonalNaivePinball: Loss,
});
export type BaseMetrics = Static<typeof BaseMetrics>;

/**
 * Payload of loadstone/v1/<gateway>/reported/training: a gateway's result for a round. The gateway sends it at each birth, until a later
 * round or the deadline. The cloud fetches the update's bytes by hash.
 */
export const TrainingReport = Type.Object({
  version: Type.Literal(1),
  task: Type.String({ minLength: 8, maxLength: 64 }),
  round: Type.Integer({ minimum: 1, maximum: 1000 }),
  base: Sha256,
  time: TimeMs,
  /** Span of the load that rounds train on here: from its first known interval to the start of the held-back window. */
  learntFrom: TimeMs,
  learntTo: TimeMs,
  /** Rows used for training. */
  samples: Type.Integer({ minimum: 0, maximum: 2 ** 31 }),
  /** Null if there was nothing to train on. */
  update: Type.Union([
    Type.Object({ sha256: Sha256, bytes: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
    Type.Null(),
  ]),
  metrics: BaseMetrics,
  days: Type.Array(DayLoss, { maxItems: 62 }),
});
export type TrainingReport = Static<typeof TrainingReport>;
