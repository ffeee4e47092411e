import type { Forecast } from '../../../../shared/contracts/forecast.ts';

/** An issued forecast, kW at quarters of an hour from its issue on: three quantiles of zero unless `more` overrides them. */
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
