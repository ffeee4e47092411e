import { Type, type Static } from 'typebox';
import type { Region } from '../../../shared/contracts/region.ts';
import { checker } from '../../../shared/contracts/validate.ts';
import { fromNullable } from '../../../shared/forecast/series.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { RecordedWeather, type WeatherRecord } from './recorded-weather.ts';

const Values = Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: 1_000_000 });

/** Recorded weather by substation, on a grid of intervals; null if unknown. */
export const WeatherFile = Type.Object({
  version: Type.Literal(1),
  places: Type.Record(
    Type.String(),
    Type.Object({
      /** Start of the first interval, ms UTC. */
      start: Type.Integer(),
      stepS: Type.Integer({ minimum: 60 }),
      /** Global horizontal irradiance, W/m2. */
      ghi: Values,
      /** Wind speed at hub height, m/s. */
      wind: Values,
      /** Degrees Celsius. */
      temperature: Type.Optional(Values),
    }),
  ),
});
export type WeatherFile = Static<typeof WeatherFile>;

const check = checker(WeatherFile, 'LS-CONFIG-002');

/** Weather of a file as a hindcast. A substation and its feeders use its place, the region uses all places. */
export function weatherOf(text: string, file: string, region: Region): RecordedWeather {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
  const { places } = unwrap(check(value));
  const records = new Map<string, WeatherRecord>(
    Object.entries(places).map(([id, { start, stepS, ghi, wind, temperature }]) => [
      id,
      {
        start,
        stepS,
        ghi: fromNullable(ghi),
        wind: fromNullable(wind),
        ...(temperature && { temperature: fromNullable(temperature) }),
      },
    ]),
  );
  return new RecordedWeather((target) => {
    const [kind, id] = target.split(':');
    if (kind === 'region') return [...records.values()];
    const substation = region.substations.find(
      (each) => each.id === id || each.network.feeders.some((feeder) => feeder.id === id),
    );
    const record = substation === undefined ? undefined : records.get(substation.id);
    return record === undefined ? [] : [record];
  });
}
