import { t, type Text } from '../words/t.ts';

/** Texts of the trend screen. */
export const TREND = {
  title: (): string => t('Trend'),
  none: (): string => t('Nothing is chosen: open a trend from a value, or add one.'),
  source: (): string => t('Of'),
  add: (): string => t('Add'),
  empty: (name: string): string => t('{name}: nothing was measured', { name }),
  span: (): string => t('Span'),
  day: (): string => t('Day'),
  earlier: (): string => t('Earlier'),
  later: (): string => t('Later'),
  closer: (): string => t('Zoom in'),
  wider: (): string => t('Zoom out'),
  live: (): string => t('Back to now'),
  happened: (): string => t('What happened'),
  quiet: (): string => t('Only routine events in this span.'),
  lookedTo: (time: string): string => t('Events before {time} were not looked at: the log has them.', { time }),
  drag: (): string => t('drag over the chart to look closer'),
  remove: (name: string): string => t('Take {name} away', { name }),
  waiting: (): string => t('what was measured'),
  waitingEvents: (): string => t('what happened'),
  planned: (name: string): string => (name === '' ? t('Planned') : t('{name}: planned', { name })),
  forecast: (): string => t('Forecast with the plan'),
  high: (): string => t('Forecast 90 %'),
  low: (): string => t('Forecast 10 %'),
  most: (): string => t('Most'),
  least: (): string => t('Least'),
  limit: (): string => t('limit'),
  now: (): string => t('now'),
  step: (text: string, hasBand: boolean): string =>
    hasBand ? t('mean per {text}; the band spans least to most', { text }) : t('mean per {text}', { text }),
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
  availableKw: ['power available', 'kW'],
  wishedKw: ['power wished', 'kW'],
  activePowerSetpointKw: ['setpoint read back', 'kW'],
  activePowerLimitKw: ['limit read back', 'kW'],
  reactivePowerSetpointKvar: ['reactive setpoint read back', 'kvar'],
  energyDueKwh: ['energy due', 'kWh'],
  sessions: ['sessions', ''],
  tapPosition: ['tap position', ''],
  voltageTargetPu: ['voltage target', 'pu'],
  capacitorStep: ['steps switched in', ''],
};

const USUAL = ['activePowerKw', 'reactivePowerKvar', 'voltagePu'] as const;
/** Metrics that each type of device usually reports; the trend shows whether one does. */
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  head: [...USUAL, 'currentA'],
  battery: [...USUAL, 'socPct', 'activePowerSetpointKw', 'reactivePowerSetpointKvar'],
  'pv-inverter': [...USUAL, 'availableKw', 'activePowerLimitKw', 'reactivePowerSetpointKvar'],
  'ev-site': [...USUAL, 'wishedKw', 'activePowerLimitKw', 'energyDueKwh', 'sessions'],
  'flexible-load': [...USUAL, 'wishedKw', 'activePowerLimitKw', 'energyDueKwh'],
  'tap-changer': ['tapPosition', 'voltageTargetPu'],
  'capacitor-bank': [...USUAL, 'capacitorStep'],
};

export const metricsOf = (type: string): readonly string[] => BY_TYPE[type] ?? USUAL;

export const unitOf = (series: string): string => METRICS[series.split('/')[2] ?? '']?.[1] ?? '';

/** Values of one unit share an axis; values without a unit have their own. */
export const axisOf = (series: string): string => unitOf(series) || (series.split('/')[2] ?? '');

export const decimalsOf = (unit: string): number => (unit === 'pu' ? 3 : 0);

export function metricName(metric: string): string {
  const name = METRICS[metric]?.[0];
  return name === undefined ? metric : t(name);
}

/** `hfdp-01 feeder-2, power` */
export function seriesName(series: string): string {
  const [gateway = '', device = '', metric = ''] = series.split('/');
  return `${gateway} ${device}, ${metricName(metric)}`;
}
