/** What a device is commanded. Power in the load convention: positive is consumption, positive reactive power is absorbed. */
export interface Setpoint {
  readonly activePowerKw?: number;
  readonly reactivePowerKvar?: number;
  /** Magnitude in the device's own direction. */
  readonly activePowerLimitKw?: number;
  readonly voltageTargetPu?: number;
  /** Steps of a capacitor bank that are switched in. */
  readonly capacitorStep?: number;
}

export const setpointKeys = [
  'activePowerKw',
  'reactivePowerKvar',
  'activePowerLimitKw',
  'voltageTargetPu',
  'capacitorStep',
] as const;
export type SetpointKey = (typeof setpointKeys)[number];

/** For display: tenths, without a minus before zero. */
export const kwText = (kw: number | null): string => (kw === null ? '-' : (Math.round(10 * kw) / 10 + 0).toFixed(1));
