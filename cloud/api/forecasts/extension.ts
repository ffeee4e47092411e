import type { Static } from 'typebox';
import type { Forecast, ForecastExtension } from '../../../shared/contracts/forecast.ts';
import type { Extension, Fallback, ForecastModel } from '../../../shared/contracts/planner.ts';
import { formatTime } from '../conventions.ts';

/** Returns the extension of a forecast if steps before `end`, ms UTC, reach into it. */
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

/** `resolutionS`: length of the steps that the blend's groups count in. */
export const modelShown = (
  { id, sha256, members, blend }: Forecast['model'],
  resolutionS: number,
): Static<typeof ForecastModel> => ({
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
