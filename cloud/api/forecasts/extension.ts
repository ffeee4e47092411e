import { Type, type Static } from 'typebox';
import type { Forecast, ForecastExtension } from '../../../shared/contracts/forecast.ts';
import { formatTime } from '../conventions.ts';

export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const Model = Type.Object({
  id: Type.String(),
  sha256: Nullable(Type.String()),
  members: Type.Record(Type.String(), Type.Number()),
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
        model: { ...extension.model, members: { ...extension.model.members } },
        fallback: fallbackShown(extension.fallback),
      };

export const extensionText = ({ from, model, fallback }: ForecastExtension): string =>
  `from ${formatTime(from)} on, beyond the horizon of the model, ${model.id} answers without weather${fallback === null ? '' : `: ${fallback.reason}`}`;

export const fallbackShown = (fallback: Forecast['fallback']): Static<typeof Fallback> =>
  fallback === null ? null : { ...fallback, since: formatTime(fallback.since) };
