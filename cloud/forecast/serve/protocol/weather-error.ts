import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';

export type WeatherName = 'temp' | 'ghi' | 'wind';

/** The value that a weather forecast made at `origin` gives for a quantity whose actual value is known. */
export type WeatherError = (
  name: WeatherName,
  at: { readonly origin: number; readonly lead: number; readonly actual: number },
) => number;

/**
 * Seeded errors that grow with the lead and are correlated from hour to hour, of the size of regional models: temperature 0.6 K after an
 * hour and 1.5 K from a day on, wind 0.9 and 1.6 m/s, irradiance 15 and 25 % of its value.
 */
export function degradedWeather(seed: number): WeatherError {
  const paths = new Map<string, Float64Array>();
  return (name, { origin, lead, actual }) => {
    const key = `${name} ${origin}`;
    let path = paths.get(key);
    if (path === undefined) {
      path = correlated(seed, key);
      if (paths.size > 200) paths.clear();
      paths.set(key, path);
    }
    const noise = path[Math.min(lead, path.length - 1)]!;
    const grown = Math.min(1, (lead - 1) / 23);
    switch (name) {
      case 'temp':
        return actual + noise * (0.6 + 0.9 * grown);
      case 'wind':
        return Math.max(0, actual + noise * (0.9 + 0.7 * grown));
      case 'ghi':
        return Math.max(0, actual * (1 + noise * (0.15 + 0.1 * grown)));
    }
  };
}

/** Hours of a path of errors, the reach of regional models. */
const PATH_HOURS = 50;

/** Standard normal values with a correlation of 0.9 from hour to hour. */
function correlated(seed: number, stream: string): Float64Array {
  const random = new SeededRandom(seed, stream);
  const path = new Float64Array(PATH_HOURS);
  let value = gaussian(random);
  for (let i = 0; i < path.length; i++) {
    path[i] = value;
    value = 0.9 * value + Math.sqrt(1 - 0.81) * gaussian(random);
  }
  return path;
}
