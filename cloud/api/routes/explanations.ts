import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { SentenceList } from '../../../shared/contracts/sentence.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf } from '../access.ts';
import { mayRead } from '../../access/caller.ts';
import { formatTime, resolutionName, SIGN_CONVENTION } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { membersOf } from '../../planner/inputs/sum-target.ts';

const Params = Type.Object({
  id: Type.String({ maxLength: 200, examples: ['substation-owd-20211001t060002-9f2c41aa'] }),
});

const Numbers = Type.Array(Type.Number());

const ExplanationShape = Type.Object(
  {
    forecastId: Type.String(),
    target: Type.String(),
    start: Type.String(),
    resolution: Type.String(),
    unit: Type.Literal('kW'),
    signConvention: Type.Literal(SIGN_CONVENTION),
    method: Type.Literal('shapley', { description: 'of groups of features, over all their coalitions' }),
    base: Type.Array(Type.Number(), {
      description: 'mean output of the model for the inputs of each of the last seven days',
    }),
    contributions: Type.Object(
      {
        recentLoad: Numbers,
        pastDays: Numbers,
        calendar: Numbers,
        sun: Numbers,
        wind: Numbers,
        temperature: Numbers,
        adjustment: Numbers,
      },
      { description: 'one value per step; base plus all contributions gives quantile_P50' },
    ),
    summary: Type.Array(Type.String()),
    sentences: Type.Optional(SentenceList),
  },
  {
    title: 'Explanation',
    examples: [
      {
        forecastId: 'substation-owd-20211001t060002-9f2c41aa',
        target: 'substation:owd',
        start: '2021-10-01T06:00:00Z',
        resolution: 'PT15M',
        unit: 'kW',
        signConvention: SIGN_CONVENTION,
        method: 'shapley',
        base: [3200],
        contributions: {
          recentLoad: [-40.5],
          pastDays: [15],
          calendar: [0],
          sun: [-124.4],
          wind: [0],
          temperature: [0],
          adjustment: [0],
        },
        summary: [
          'Over the next day on average: 3050 kW; 3200 kW with the inputs of the last seven days, -124 kW by the sun.',
        ],
        sentences: [
          { code: 'forecast.cause', text: 'the sun' },
          { code: 'forecast.part', text: '-124 kW by the sun', parameters: { power: '-124', part: 'the sun' } },
        ],
      },
    ],
  },
);

/** Explains a forecast. */
export function explanationRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Params: Static<typeof Params> }>(
    '/v1/forecasts/:id/explanation',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'explainForecast',
        summary: 'Get what each group of features adds to the median of a forecast',
        params: Params,
        response: { 200: ExplanationShape },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const forecast = await deps.vintages.get(id);
      const caller = callerOf(request);
      // The id reveals its target, so a caller without the right is not told that it exists.
      if (
        forecast === undefined ||
        !(membersOf(forecast.target) ?? [forecast.target]).every((part) => mayRead(deps.region, caller, part))
      )
        throw new LoadstoneError('LS-API-004', `there is no forecast "${id.slice(0, 80)}"`, '/params/id');
      const { base, contributions, summary, sentences } = await deps.owner.forecasts.explain(forecast);
      void reply.header('cache-control', 'private, max-age=3600');
      const rounded = (values: readonly number[]): number[] => values.map((kw) => Math.round(kw * 100) / 100);
      const { recentLoad, pastDays, calendar, sun, wind, temperature, adjustment } = contributions;
      return {
        forecastId: forecast.id,
        target: forecast.target,
        start: formatTime(forecast.start),
        resolution: resolutionName(forecast.resolutionS),
        unit: 'kW',
        signConvention: SIGN_CONVENTION,
        method: 'shapley',
        base: rounded(base),
        contributions: {
          recentLoad: rounded(recentLoad),
          pastDays: rounded(pastDays),
          calendar: rounded(calendar),
          sun: rounded(sun),
          wind: rounded(wind),
          temperature: rounded(temperature),
          adjustment: rounded(adjustment),
        },
        summary: [...summary],
        sentences: [...sentences],
      };
    },
  );
}
