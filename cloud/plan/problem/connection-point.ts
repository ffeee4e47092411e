import { isActive, type Control, type Layout, type Point, type Scenario } from './layout.ts';
import { isStepped, type DispatchProblem } from './problem.ts';

/**
 * The connection points of a problem, in its order. Throws RangeError if one names a device that is unknown, belongs to another one or
 * injects nothing, or if its devices stand at several buses: a customer has one meter.
 */
export function pointsOf({ connectionPoints = [], devices }: DispatchProblem, controls: readonly Control[]): Point[] {
  const taken = new Map<number, string>();
  return connectionPoints.map(({ id, devices: members }) => {
    const positions = members.map((member) => devices.findIndex((device) => device.id === member));
    for (const [at, position] of positions.entries()) {
      const device = devices[position];
      if (device === undefined || isStepped(device))
        throw new RangeError(
          `connection point ${id} lists device ${members[at]!}, which has no injection in this problem`,
        );
      const other = taken.get(position);
      if (other !== undefined) throw new RangeError(`${device.id} is behind both ${other} and ${id}`);
      taken.set(position, id);
      const bus = devices[positions[0]!]!.bus;
      if (device.bus !== bus)
        throw new RangeError(`connection point ${id} is at bus ${bus}, its device ${device.id} at bus ${device.bus}`);
    }
    const own = controls.map((control, index) => ({ ...control, index }));
    return {
      id,
      devices: positions,
      controls: own.filter(({ device, role }) => isActive(role) && positions.includes(device)),
    };
  });
}

/** A state of a connection point: scenario, step, and the point's position in the problem. */
export interface AtPoint {
  readonly scenario: Scenario;
  readonly step: number;
  readonly point: number;
}

/** Unplanned load behind the meter, MW; at the corners of the forecast where they are stated. */
export function pointLoadMw({ problem }: Pick<Layout, 'problem'>, { scenario, step, point }: AtPoint): number {
  const { loadKw } = problem.connectionPoints![point]!;
  return (loadKw[scenario] ?? loadKw.mid)[step]! / 1000;
}

/**
 * Power at the meter of a connection point under the decisions, MW of consumption: its load and its devices. A plant feeds in what is
 * expected, up to its limit where the sun is high, and what the sun gives where it is low.
 */
export function pointMw(layout: Layout, x: Float64Array, { scenario, step, point }: AtPoint): number {
  const { problem, controls, points } = layout;
  let mw = pointLoadMw(layout, { scenario, step, point });
  const corners = layout.scenarios.length > 1;
  for (const { index, device, role, sign } of points[point]!.controls) {
    if (corners && role === (scenario === 'mid' ? 'limit' : 'feed-in')) continue;
    const value = x[step * controls.length + index]!;
    const item = problem.devices[device]!;
    const sun =
      item.kind === 'pv' && scenario === 'lowSun'
        ? (item.availableLowKw?.[step] ?? item.availableKw[step]!) / 1000
        : Infinity;
    mw += sign * Math.min(value, sun);
  }
  return mw;
}
