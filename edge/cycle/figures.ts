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

/** Rounds to meter precision, which still shows on which side of a limit the value lies. */
export const rounded = (value: number): number => Number(value.toPrecision(7));
