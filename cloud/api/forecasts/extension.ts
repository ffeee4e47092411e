import { Type, type Static } from 'typebox';
import type { Forecast, ForecastExtension } from '../../../shared/contracts/forecast.ts';
import { formatTime } from '../conventions.ts';

export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const Model = Type.Object({
  id: Type.String(),
  sha256: Nullable(Type.String()),
  members: Type.Record(Type.String(), Type.Number(), { description: 'mean shares over the steps' }),
  weights: Nullable(
    Type.Array(
      Type.Object({
        upTo: Type.String({ description: 'lead time of the end of the last step that has these weights' }),
        members: Type.Record(Type.String(), Type.Number()),
      }),
      {
        description:
          'the weights of the members of the model among each other when the forecast was issued: they follow the trailing 28-day pinball of each; null: they are fixed in the model',
      },
    ),
  ),
});
export const Fallback = Nullable(Type.Object({ level: Type.String(), reason: Type.String(), since: Type.String() }));

/** What has made the steps beyond the models' horizon. */
export const Extension = Nullable(
  Type.Object(
    { from: Type.String(), model: Model, fallback: Fallback },
    {
      description:
        'the steps from `from` on lie beyond the horizon of the model: what has made them, and its own fallback; null where none is shown',
    },
  ),
);

/** The extension of a forecast where steps before `end`, ms UTC, reach it. */
export const extensionBefore = ({ extension }: Forecast, end: number): ForecastExtension | undefined =>
  extension !== undefined && extension.from < end ? extension : undefined;

export const extensionShown = (extension: ForecastExtension | undefined): Static<typeof Extension> =>
  extension === undefined
    ? null
    : {
        from: formatTime(extension.from),
        model: modelShown(extension.model, 0),
        fallback: fallbackShown(extension.fallback),
      };

/** `resolutionS`: of the steps that the weights are told by. */
export const modelShown = (
  { id, sha256, members, blend }: Forecast['model'],
  resolutionS: number,
): Static<typeof Model> => ({
  id,
  sha256,
  members: { ...members },
  weights:
    blend?.groups.map(({ to, weights }) => ({
      upTo: `PT${(to * resolutionS) / 3600}H`,
      members: Object.fromEntries(blend.members.map((name, m) => [name, weights[m]!])),
    })) ?? null,
});

export const extensionText = ({ from, model, fallback }: ForecastExtension): string =>
  `from ${formatTime(from)} on, beyond the horizon of the model, ${model.id} answers without weather${fallback === null ? '' : `: ${fallback.reason}`}`;

export const fallbackShown = (fallback: Forecast['fallback']): Static<typeof Fallback> =>
  fallback === null ? null : { ...fallback, since: formatTime(fallback.since) };
