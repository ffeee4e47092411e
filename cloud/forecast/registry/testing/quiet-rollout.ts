import type { ForecastServiceOptions } from '../../serve/forecast-service.ts';

/** A rollout whose gateways report nothing and whose events are dropped. */
export const quietRollout: ForecastServiceOptions['rollout'] = {
  settings: { shadowHours: 24, canaryHours: 24, watchHours: 72, canaryShare: 0.2 },
  gatewayDuel: () => undefined,
  applyAtGateway: () => undefined,
  takesTemperature: () => false,
  report: () => undefined,
};
