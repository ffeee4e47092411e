import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import type { DayScore } from '../../../../shared/forecast/evaluate.ts';
import { LIFE_MS, type ModelBundle, type ModelRole } from '../bundle.ts';

const DAY_MS = 86_400_000;

/** A bundle with a hash derived from its id; its bytes are never run. */
export function namedBundle(
  id: string,
  place: { readonly at: number; readonly target?: string; readonly role?: ModelRole },
): ModelBundle {
  const target = place.target ?? 'substation:owd';
  const manifest: ModelManifest = {
    id,
    substation: target.split(':')[1]!,
    target,
    featureVersion: 1,
    features: ['a'],
    stepS: 900,
    steps: 96,
    quantiles: [0.1, 0.5, 0.9],
    sha256: Buffer.from(id).toString('hex').padEnd(64, '0').slice(0, 64),
    bytes: 3,
    trainedFrom: place.at - 56 * DAY_MS,
    trainedUpTo: place.at,
    createdAt: place.at,
    expiresAt: place.at + LIFE_MS,
    weather: 'none',
    metrics: {
      window: '',
      nMae: 0.1,
      pinball: 0.03,
      coverage80: 0.8,
      seasonalNaiveNMae: 0.2,
      seasonalNaivePinball: 0.06,
    },
    members: { ridge: 1 },
    outputRange: { minKw: 0, maxKw: 1 },
    parity: { inputs: [], outputs: [], tolerance: 1e-4 },
  };
  return { manifest, bytes: new Uint8Array(3), role: place.role ?? 'gateway' };
}

/** Twenty-eight days before `at`, each with the given loss beside baselines of 10, 12 and 9. */
export const daysOf = (at: number, loss: (day: number) => number): DayScore[] =>
  Array.from({ length: 28 }, (_, i) => ({
    day: at - (28 - i) * DAY_MS,
    n: 1,
    model: loss(i),
    seasonalNaive: 10,
    seasonalNaiveWeek: 12,
    sameHourMean: 9,
  }));
