import type { DeviceType } from '../contracts/ids.ts';

/** One measured series in a sum, with the factor it enters with. */
export interface LoadTerm {
  readonly device: string;
  readonly metric: string;
  readonly factor: number;
}

/**
 * How an uncontrolled load is made: the net power less what we command. A device counts only when all its terms have been seen:
 * before its first value it was not there.
 */
export interface UncontrolledLoad {
  readonly net: readonly LoadTerm[];
  readonly devices: readonly (readonly LoadTerm[])[];
}

/**
 * The terms of a device: storage, EV and flexible load are ours to command, so they leave the load as a whole; of the sun only
 * what was curtailed (available less fed in) is added back.
 */
export function termsOf(device: { readonly id: string; readonly type: DeviceType }): LoadTerm[] {
  const term = (metric: string, factor: number): LoadTerm => ({ device: device.id, metric, factor });
  switch (device.type) {
    case 'battery':
    case 'ev-site':
    case 'flexible-load':
      return [term('activePowerKw', -1)];
    case 'pv-inverter':
      return [term('activePowerKw', -1), term('availableKw', -1)];
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return [];
  }
}

export function uncontrolledLoad(
  meters: readonly string[],
  devices: readonly { readonly id: string; readonly type: DeviceType }[],
): UncontrolledLoad {
  return {
    net: meters.map((device) => ({ device, metric: 'activePowerKw', factor: 1 })),
    devices: devices.map(termsOf).filter((terms) => terms.length > 0),
  };
}
