import { t, type Text } from '../words/t.ts';

/** The texts of the trend screen. */
export const TREND = {
  title: (): string => t('Trend'),
  none: (): string => t('Nothing is chosen: open a trend from a value, or add one.'),
  add: (): string => t('Add'),
  span: (): string => t('Span'),
  day: (): string => t('Day'),
  earlier: (): string => t('Earlier'),
  later: (): string => t('Later'),
  closer: (): string => t('Zoom in'),
  wider: (): string => t('Zoom out'),
  live: (): string => t('Back to now'),
  drag: (): string => t('drag over the chart to look closer'),
  remove: (name: string): string => t('Take {name} away', { name }),
  waiting: (): string => t('what was measured'),
  planned: (name: string): string => (name === '' ? t('Planned') : t('{name}: planned', { name })),
  forecast: (): string => t('Forecast with the plan'),
  high: (): string => t('Forecast 90 %'),
  low: (): string => t('Forecast 10 %'),
  most: (): string => t('Most'),
  least: (): string => t('Least'),
  limit: (): string => t('limit'),
  now: (): string => t('now'),
  step: (text: string, hasBand: boolean): string =>
    hasBand
      ? t('mean of each {text}; the band is from the least to the most', { text })
      : t('mean of each {text}', { text }),
} as const;

export const SPANS: readonly (readonly [text: Text, seconds: number])[] = [
  ['1 min', 60],
  ['5 min', 300],
  ['30 min', 1800],
  ['3 h', 10_800],
  ['24 h', 86_400],
  ['7 d', 604_800],
  ['31 d', 2_678_400],
  ['1 year', 31_536_000],
];

const METRICS: Readonly<Record<string, readonly [name: Text, unit: string]>> = {
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
  const name = METRICS[metric]?.[0];
  return `${gateway} ${device}, ${name === undefined ? metric : t(name)}`;
}
