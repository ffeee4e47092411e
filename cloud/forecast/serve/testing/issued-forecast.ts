import type { Forecast } from '../../../../shared/contracts/forecast.ts';

/** A forecast as it is issued, kW at quarters of an hour from its issue on: three quantiles of nothing unless `more` says otherwise. */
export const issuedForecast = (target: string, issuedAt: number, more: Partial<Forecast> = {}): Forecast => ({
  id: `${target}-${issuedAt}`,
  kind: 'issued',
  target,
  load: 'uncontrolled',
  issuedAt,
  dataUpTo: issuedAt,
  start: issuedAt,
  resolutionS: 900,
  quantiles: [0.1, 0.5, 0.9],
  values: [[0], [0], [0]],
  model: { id: 'm', sha256: null, members: {} },
  weather: null,
  inputCompleteness: 1,
  fallback: null,
  calibration: null,
  warnings: [],
  ...more,
});
