import { Type, type Static } from 'typebox';
import { ModelContext } from '../../../../shared/contracts/model.ts';

const closed = { additionalProperties: false } as const;
const Time = Type.String({ maxLength: 40, description: 'RFC 3339', examples: ['2021-08-28T00:00:00Z'] });
const Rows = (what: string) =>
  Type.Array(Type.Array(Type.Number(), { minItems: 1, maxItems: 32_000 }), {
    maxItems: 4,
    description: what,
  });

/** The manifest supplied with an imported model. The cloud determines hash, size, range and errors itself. */
export const ImportManifest = Type.Object(
  {
    target: Type.String({ maxLength: 200, examples: ['substation:owd'] }),
    role: Type.Union([Type.Literal('cloud'), Type.Literal('gateway')], {
      description: 'cloud: makes the published forecast; gateway: runs on the gateway, without weather',
    }),
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,29}$',
      maxLength: 30,
      description: 'kind of model, shown as its only member',
      examples: ['sklearn-mlp'],
    }),
    madeWith: Type.Optional(Type.String({ maxLength: 120, examples: ['scikit-learn 1.4.2, notebook of 4 October'] })),
    featureVersion: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'version of the feature schema, or of the raw-history contract',
      examples: [1],
    }),
    context: Type.Optional(ModelContext),
    stepS: Type.Integer({ minimum: 60, maximum: 86_400, examples: [900] }),
    steps: Type.Integer({ minimum: 1, maximum: 400, examples: [96] }),
    quantiles: Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), { minItems: 1, maxItems: 40 }),
    weather: Type.Union([Type.Literal('none'), Type.Literal('hindcast'), Type.Literal('vintage')], {
      description: 'weather it was trained on; none: it uses no weather',
    }),
    trainedFrom: Time,
    trainedUpTo: Type.String({
      maxLength: 40,
      description: 'end of its training data, RFC 3339; it is judged on the days after, at most 28',
      examples: ['2021-08-28T00:00:00Z'],
    }),
    sha256: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        maxLength: 64,
        description: 'hash of the file; checked if present',
      }),
    ),
    lifeDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 91, description: 'days until it expires; default 91' }),
    ),
    outputRange: Type.Optional(
      Type.Object(
        { minKw: Type.Number(), maxKw: Type.Number() },
        {
          ...closed,
          description:
            'a result outside this range sets the model aside; default: three times the range of the last weeks',
        },
      ),
    ),
    parity: Type.Object(
      {
        inputs: Rows('rows of features, or of history and covariates'),
        outputs: Rows('output of the model for each row, from the training environment'),
      },
      { ...closed, description: 'test vectors; outputs must agree within 1e-4 of the largest output' },
    ),
  },
  closed,
);
export type ImportManifest = Static<typeof ImportManifest>;
