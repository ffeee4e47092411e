import type { Sample } from './sample.ts';

/**
 * Metrics that Loadstone's own devices report. Power in kW and kvar with the load convention: positive is consumption from the grid,
 * negative is feed-in; positive reactive power is absorbed. A foreign device may report further metrics.
 */
export const metrics = {
  activePowerKw: 'active power, mean of the phases summed',
  reactivePowerKvar: 'reactive power',
  voltagePu: 'voltage of the worst phase, per unit of nominal',
  currentA: 'current of the highest phase',
  socPct: 'state of charge of a battery',
  energyDueKwh: 'energy still requested by EV sessions',
  sessions: 'connected EV sessions',
  deadlineMs: 'the earliest departure among EV sessions, milliseconds UTC',
  availableKw: 'available PV power if nothing limited it, as a magnitude',
  wishedKw: 'demand of a flexible load or EV site if nothing limited it',
  tapPosition: 'tap changer position, 0 is nominal',
  voltageTargetPu: 'target of the tap changer controller',
  capacitorStep: 'capacitor bank steps switched in',
  activePowerSetpointKw: 'setpoint read back from the device',
  activePowerLimitKw: 'limit read back from the device, magnitude in the direction of the device',
  reactivePowerSetpointKvar: 'reactive setpoint read back from the device',
  radiationWm2: 'global horizontal irradiance, W/m2',
  windSpeedMs: 'wind speed at 100 m, m/s',
  temperatureC: 'ambient temperature, degrees Celsius',
  closed: 'state of the breaker at a head: 1 closed, 0 open',
} as const;

export type Metric = keyof typeof metrics;

/** The time belongs to the frame. */
export interface FrameValue extends Omit<Sample, 'time'> {
  readonly metric: string;
}

/** One device's values at one source time: the unit of the journal, and one Sparkplug payload. */
export interface Frame {
  readonly device: string;
  /** Source time, ms UTC (plant time). */
  readonly time: number;
  readonly values: readonly FrameValue[];
}

/** Identity of a frame from end to end: (gateway, run, offset). `run` is random at each start; offsets continue across runs. */
export interface FrameIdentity {
  readonly gateway: string;
  readonly run: number;
  readonly offset: number;
}

export const streams = ['measurements', 'events'] as const;
export type Stream = (typeof streams)[number];
