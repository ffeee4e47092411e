import type { WatchedValue } from '../safety/guard-types.ts';

export function unitOf(quantity: WatchedValue['quantity']): string {
  switch (quantity) {
    case 'activePowerKw':
      return 'kW';
    case 'apparentPowerKva':
      return 'kVA';
    case 'voltagePu':
      return 'pu';
    case 'currentA':
      return 'A';
  }
}

/** As fine as a meter is; which side of a limit it lies on is to be seen. */
export const rounded = (value: number): number => Number(value.toPrecision(7));
