/** The texts of the trend screen. */
export const TREND = {
  title: 'Trend',
  none: 'Nothing is chosen: open a trend from a value, or add one.',
  add: 'Add',
  span: 'Span',
  remove: (name: string): string => `Take ${name} away`,
  waiting: 'what was measured',
  planned: (name: string): string => (name === '' ? 'Planned' : `${name}: planned`),
  forecast: 'Forecast with the plan',
  high: 'Forecast 90 %',
  low: 'Forecast 10 %',
  most: 'Most',
  least: 'Least',
  limit: 'limit',
  now: 'now',
  step: (text: string, hasBand: boolean): string =>
    `mean of each ${text}${hasBand ? '; the band is from the least to the most' : ''}`,
} as const;

export const SPANS = [
  ['1 min', 60],
  ['5 min', 300],
  ['30 min', 1800],
  ['3 h', 10_800],
  ['24 h', 86_400],
  ['7 d', 604_800],
  ['31 d', 2_678_400],
  ['1 year', 31_536_000],
] as const;

const METRICS: Readonly<Record<string, readonly [name: string, unit: string]>> = {
  activePowerKw: ['power', 'kW'],
  reactivePowerKvar: ['reactive power', 'kvar'],
  voltagePu: ['voltage', 'pu'],
  currentA: ['current', 'A'],
  socPct: ['charge', '%'],
};

export const unitOf = (series: string): string => METRICS[series.split('/')[2] ?? '']?.[1] ?? '';

/** `hfdp-01 feeder-2, power` */
export function seriesName(series: string): string {
  const [gateway = '', device = '', metric = ''] = series.split('/');
  return `${gateway} ${device}, ${METRICS[metric]?.[0] ?? metric}`;
}
