import { Type, type Static } from 'typebox';
import { COVARIATES } from './covariates.ts';
import { Id, TimeMs } from './ids.ts';
import type { Immutable } from './immutable.ts';

const closed = { additionalProperties: false } as const;

/** Members that answer together, with their weights by groups of steps. The weights of each group add up to 1. */
export const MemberBlend = Type.Object(
  {
    members: Type.Array(Type.String({ maxLength: 20 }), { minItems: 2, maxItems: 8 }),
    /** Each group ranges from the end of the previous one up to step `to`, exclusive. Its weights are in the order of `members`. */
    groups: Type.Array(
      Type.Object(
        {
          to: Type.Integer({ minimum: 1, maximum: 400 }),
          weights: Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { maxItems: 8 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 24 },
    ),
  },
  closed,
);
export type MemberBlend = Immutable<Static<typeof MemberBlend>>;

const Covariate = Type.Enum([...COVARIATES]);

/** Longest load history that a model gets: four weeks of quarter-hours. */
export const MOST_CONTEXT = 2688;

/** The contract `context`: raw history and covariates as input instead of computed features. */
export const ModelContext = Type.Object(
  {
    length: Type.Integer({ minimum: 16, maximum: MOST_CONTEXT, description: 'steps of history before the origin' }),
    covariates: Type.Array(Covariate, {
      maxItems: COVARIATES.length,
      uniqueItems: true,
      description: 'in the order in which the model takes them',
    }),
  },
  closed,
);
export type ModelContext = Immutable<Static<typeof ModelContext>>;

/**
 * The signed manifest of a model bundle. It names the ONNX bytes by SHA-256; gateways fetch them in chunks of 64 kB over MQTT. Input: one
 * float32 tensor [batch, features.length], or as `context` defines. Output: one float32 tensor [batch, steps x quantiles], step-major, kW.
 * With `blend`, a second output `members` [batch, members x steps x quantiles] holds each member's answer; the first output is their mean
 * under the weights of `blend`.
 */
export const ModelManifest = Type.Object(
  {
    id: Type.String({ minLength: 4, maxLength: 64 }),
    substation: Id,
    target: Type.String({ maxLength: 80, description: 'as in the planner API: substation:owd' }),
    /** If present, the model takes raw history (shared/forecast/CONTEXT.md) and names no features. */
    context: Type.Optional(ModelContext),
    /**
     * Version of the feature schema, or of the contract `context`. The edge computes the same features with the same code in
     * shared/forecast.
     */
    featureVersion: Type.Integer({ minimum: 1 }),
    features: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 8000 }),
    stepS: Type.Integer({ minimum: 60 }),
    steps: Type.Integer({ minimum: 1, maximum: 400 }),
    quantiles: Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    bytes: Type.Integer({ minimum: 1, maximum: 20_000_000 }),
    trainedFrom: TimeMs,
    trainedUpTo: TimeMs,
    createdAt: TimeMs,
    expiresAt: TimeMs,
    weather: Type.Union([Type.Literal('none'), Type.Literal('hindcast'), Type.Literal('vintage')]),
    /** On the held-back window; losses relative to the mean |load|. */
    metrics: Type.Object(
      {
        window: Type.String(),
        nMae: Type.Number(),
        pinball: Type.Number(),
        coverage80: Type.Number(),
        seasonalNaiveNMae: Type.Number(),
        seasonalNaivePinball: Type.Number(),
      },
      closed,
    ),
    members: Type.Record(Type.String(), Type.Number()),
    /** Members of the second output, with their weights from training. Absent: one output. A gateway's model has none. */
    blend: Type.Optional(MemberBlend),
    /**
     * Trees and hidden units pruned from members, with their loss on the held-back window before and after. Absent if nothing was pruned.
     */
    pruned: Type.Optional(
      Type.Object(
        {
          bytesBefore: Type.Integer({ minimum: 1 }),
          members: Type.Array(
            Type.Object(
              {
                member: Type.String({ maxLength: 20 }),
                kept: Type.Integer({ minimum: 1 }),
                of: Type.Integer({ minimum: 1 }),
                lossBeforeKw: Type.Number({ minimum: 0 }),
                lossAfterKw: Type.Number({ minimum: 0 }),
              },
              closed,
            ),
            { maxItems: 4 },
          ),
        },
        closed,
      ),
    ),
    /** Local dates that count as days off within the model's lifetime, YYYY-MM-DD. Absent: weekends only. */
    holidays: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }), { maxItems: 200 })),
    /** Plausible range of the output, kW. A model whose output leaves it is set aside. */
    outputRange: Type.Object({ minKw: Type.Number(), maxKw: Type.Number() }, closed),
    parity: Type.Object(
      {
        inputs: Type.Array(Type.Array(Type.Number()), { maxItems: 4 }),
        outputs: Type.Array(Type.Array(Type.Number()), { maxItems: 4 }),
        tolerance: Type.Number(),
      },
      closed,
    ),
  },
  closed,
);
export type ModelManifest = Static<typeof ModelManifest>;

/** Body of the model document: the active model and a shadow model to compare with it. */
export const ModelOffer = Type.Object({ ...ModelManifest.properties, beside: Type.Optional(ModelManifest) }, closed);
export type ModelOffer = Static<typeof ModelOffer>;

export const MODEL_CHUNK_BYTES = 65_536;

/** Payload of loadstone/v1/<gateway>/model/request: the gateway requests one chunk. */
export const ChunkRequest = Type.Object({
  sha256: Type.String(),
  index: Type.Integer({ minimum: 0, maximum: 2 ** 31 }),
});
export type ChunkRequest = Static<typeof ChunkRequest>;
