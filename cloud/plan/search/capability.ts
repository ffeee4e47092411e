import type { Layout } from '../problem/layout.ts';

/** A power counts as beyond its limit from here on, MW: a hundredth of a kilowatt. */
const POWER_MW = 1e-5;

/** Power of a device, MW and Mvar. */
interface Power {
  readonly mw: number;
  readonly mvar: number;
}

interface Capability {
  /** Power under the decisions `x` in a step. */
  power(x: Float64Array, step: number): Power;
  /** Whether a power lies outside the circle of the rating. */
  isBeyond(power: Power): boolean;
}

/** The capability of a device with a rated apparent power; undefined without one. */
export function capabilityOf({ problem, controls }: Layout, device: number): Capability | undefined {
  const item = problem.devices[device]!;
  const ratedKva = 'apparentPowerKva' in item ? item.apparentPowerKva : undefined;
  if (ratedKva === undefined) return undefined;
  const own = controls
    .map((control, index) => ({ ...control, index }))
    .filter((control) => control.device === device && control.role !== 'limit');
  return {
    power: (x, step) => {
      let mw = 0;
      let mvar = 0;
      for (const { role, sign, index } of own) {
        const value = sign * x[step * controls.length + index]!;
        if (role === 'reactive') mvar += value;
        else mw += value;
      }
      return { mw, mvar };
    },
    isBeyond: ({ mw, mvar }) => Math.hypot(mw, mvar) - ratedKva / 1000 > POWER_MW,
  };
}
