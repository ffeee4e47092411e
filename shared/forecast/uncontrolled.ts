import type { DeviceType } from '../contracts/ids.ts';

/** One measured series in a sum, with its factor. */
export interface LoadTerm {
  readonly device: string;
  readonly metric: string;
  readonly factor: number;
}

/**
 * The uncontrolled load: the net power less what we command. A device counts only once all its terms have been seen; before its first value
 * it is treated as absent.
 */
export interface UncontrolledLoad {
  readonly net: readonly LoadTerm[];
  readonly devices: readonly (readonly LoadTerm[])[];
}

/**
 * The terms of a device. Storage, EV and flexible load are ours to command, so their whole power leaves the load. Of a solar plant only the
 * curtailment (available less fed in) is corrected, as if nothing had been curtailed.
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
