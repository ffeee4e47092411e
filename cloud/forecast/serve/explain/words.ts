import { sayForecast, type ForecastForm } from '../../../../shared/sentences/forecast-forms.ts';
import type { Said } from '../../../../shared/sentences/said.ts';
import { GROUPS, type FeatureGroup } from './feature-groups.ts';

type Part = FeatureGroup | 'adjustment';

const NAMES = {
  recentLoad: 'what the load has just done',
  pastDays: 'the load at this time on the days before',
  calendar: 'the kind of day',
  sun: 'the sun',
  wind: 'the wind',
  temperature: 'the temperature',
  adjustment: 'what the parts say, what past errors have taught and what has come in since',
} as const satisfies Readonly<Record<Part, ForecastForm>>;

export interface Explained {
  readonly base: readonly number[];
  readonly contributions: Readonly<Record<Part, readonly number[]>>;
  readonly stepS: number;
}

/** Contributions below this share of the largest are not mentioned. */
const LEAST_SHARE = 0.1;

/** Describes the next day as a whole, then the step with the largest deviation from usual. `clock` formats the time of a step. */
export function explainedInWords(explained: Explained, clock: (step: number) => string): Said[] {
  const { base, contributions, stepS } = explained;
  const count = Math.min(base.length, Math.round(86_400 / stepS));
  if (count === 0) return [];
  const parts: readonly Part[] = [...GROUPS, 'adjustment'];
  const at = (part: Part, step: number): number => contributions[part][step]!;
  const departure = (step: number): number => parts.reduce((sum, part) => sum + at(part, step), 0);
  const mean = (of: (step: number) => number): number => {
    let sum = 0;
    for (let step = 0; step < count; step++) sum += of(step);
    return sum / count;
  };
  let most = 0;
  for (let step = 1; step < count; step++) if (Math.abs(departure(step)) > Math.abs(departure(most))) most = step;
  const first = { from: mean((step) => base[step]!), of: (part: Part) => mean((step) => at(part, step)) };
  const second = { from: base[most]!, of: (part: Part) => at(part, most) };
  return [onAverage(worded(first, parts)), atMost(clock(most), worded(second, parts))];
}

interface Worded {
  readonly power: string;
  readonly usual: string;
  /** Undefined: there is no deviation from usual. */
  readonly parts: Said | undefined;
}

function worded(
  { from, of }: { readonly from: number; readonly of: (part: Part) => number },
  parts: readonly Part[],
): Worded {
  const sum = parts.reduce((total, part) => total + of(part), 0);
  const largest = Math.max(...parts.map((part) => Math.abs(of(part))));
  const phrases = parts
    .filter((part) => Math.abs(of(part)) >= Math.max(0.5, LEAST_SHARE * largest))
    .toSorted((a, b) => Math.abs(of(b)) - Math.abs(of(a)))
    .map((part) => sayForecast('{power} kW by {part}', { power: signed(of(part)), part: sayForecast(NAMES[part]) }));
  return { power: rounded(from + sum), usual: rounded(from), parts: listed(phrases) };
}

const onAverage = ({ power, usual, parts }: Worded): Said =>
  parts === undefined
    ? sayForecast('Over the next day on average: {power} kW, as usual.', { power })
    : sayForecast(
        'Over the next day on average: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.',
        { power, usual, parts },
      );

const atMost = (clock: string, { power, usual, parts }: Worded): Said =>
  parts === undefined
    ? sayForecast('Most unusual at {clock}: {power} kW, as usual.', { clock, power })
    : sayForecast('Most unusual at {clock}: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.', {
        clock,
        power,
        usual,
        parts,
      });

function listed(phrases: readonly Said[]): Said | undefined {
  const [first, ...rest] = phrases;
  const last = rest.pop();
  if (first === undefined || last === undefined) return first;
  const parts = rest.reduce((before, part) => sayForecast('{parts}, {part}', { parts: before, part }), first);
  return sayForecast('{parts} and {part}', { parts, part: last });
}

/** Three significant digits are enough. */
const rounded = (kw: number): string => String(Math.abs(kw) < 1000 ? Math.round(kw) : Number(kw.toPrecision(3)));
const signed = (kw: number): string => (kw >= 0 ? `+${rounded(kw)}` : rounded(kw));
