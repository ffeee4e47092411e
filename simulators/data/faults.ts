import type { DefectKind } from '../../cloud/forecast/serve/screening/defects.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { SeededRandom } from '../../shared/ports/random.ts';

export interface SeededFault {
  readonly kind: DefectKind;
  /** Indices, half-open. */
  readonly from: number;
  readonly to: number;
  readonly series: LoadSeries;
}

const HOUR = 4;
const DAY = 96;

/** Shortest and longest fault, in steps of 15 min. */
const LENGTHS: Readonly<Record<DefectKind, readonly [number, number]>> = {
  gap: [1, 2 * DAY],
  flatLine: [8 * HOUR, 3 * DAY],
  spike: [1, 3],
  signFlip: [2 * DAY, 7 * DAY],
  duplicate: [6 * HOUR, 3 * DAY],
  clockJump: [3 * DAY, 7 * DAY],
  unitChange: [4 * HOUR, 7 * DAY],
};

/** Inserts one fault of a kind into a series, after its first week; a `live` fault lasts to the end. */
export function seedFault(
  series: LoadSeries,
  kind: DefectKind,
  { random, live = false }: { readonly random: SeededRandom; readonly live?: boolean },
): SeededFault {
  const pick = (least: number, most: number): number => least + Math.floor(random.next() * (most - least + 1));
  const count = series.values.length;
  const length = pick(...LENGTHS[kind]);
  const from = live ? count - length : pick(7 * DAY, count - length - DAY);
  const to = from + length;
  const values = Float64Array.from(series.values);
  const change = (of: (i: number) => number): void => {
    for (let i = from; i < to; i++) values[i] = of(i);
  };
  switch (kind) {
    case 'gap':
      change(() => Number.NaN);
      break;
    case 'flatLine': {
      const value = random.next() < 0.5 ? 0 : values[from]!;
      change(() => value);
      break;
    }
    case 'spike': {
      const size = (0.8 + 2 * random.next()) * rangeOf(series.values) * (random.next() < 0.5 ? -1 : 1);
      change((i) => values[i]! + size);
      break;
    }
    case 'signFlip':
      change((i) => -series.values[i]!);
      break;
    case 'duplicate': {
      const back = pick(length, Math.min(from, 7 * DAY));
      change((i) => series.values[i - back]!);
      break;
    }
    case 'clockJump': {
      const steps = (random.next() < 0.5 ? -1 : 1) * HOUR * [1, 2, 6, 12][pick(0, 3)]!;
      change((i) => series.values[Math.min(count - 1, Math.max(0, i - steps))]!);
      break;
    }
    case 'unitChange': {
      const factor = [1000, 0.001, 100, 10, 0.1][pick(0, 4)]!;
      change((i) => series.values[i]! * factor);
      break;
    }
  }
  return { kind, from, to, series: { ...series, values } };
}

function rangeOf(values: Float64Array): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return sorted[Math.floor(0.99 * (sorted.length - 1))]! - sorted[Math.floor(0.01 * (sorted.length - 1))]!;
}
