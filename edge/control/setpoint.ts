/** What a device is told. Power in the load convention: positive is consumption, positive reactive power is absorbed. */
export interface Setpoint {
  readonly activePowerKw?: number;
  readonly reactivePowerKvar?: number;
  /** Magnitude in the direction of the device. */
  readonly activePowerLimitKw?: number;
  readonly voltageTargetPu?: number;
}

export const setpointKeys = ['activePowerKw', 'reactivePowerKvar', 'activePowerLimitKw', 'voltageTargetPu'] as const;
export type SetpointKey = (typeof setpointKeys)[number];
