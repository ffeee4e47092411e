import type { Layout } from './layout.ts';
import type { EvDevice } from './problem.ts';
import { floorKwh, hoursOf, sessionFlow, type SessionFlow } from './session-flow.ts';

/**
 * A site's power is decided as one number a step. Which of these numbers its sessions can use, each within its own power and time, is known
 * exactly: an offer P (kWh per step) is taken whole if and only if for each set T of steps
 *
 *   sum of P over T <= most(T), the sum over sessions of min(energy, power x hours of T in which it is there),
 *
 * and the energy missing at departures is the largest over T of due(T) - sum of P over T, where
 *
 *   due(T) is the sum over sessions whose energy is known of max(0, energy - power x hours outside of T in which it is there):
 *
 * the minimum cuts of the flow from steps to sessions (Ford and Fulkerson, 1956; `most` is a polymatroid's rank: Federgruen and Groenevelt,
 * Oper. Res. 34, 1986). For T from now to a departure, `due` is the curve of energy needed by then. Sets are added to the programme when a
 * solution breaks them. A session that must not pause gets its floor in the steps in which it charges: `most` counts at most its energy less
 * the floors outside of T, `due` at least the floors in T. Exact; the floors of sessions that may pause come on top, as energy that is given
 * in any case.
 */
export type SessionSide = 'due' | 'most';

/** Hours of each step that are left for charging. */
export function leftHours({ elapsedS }: EvDevice, hours: Float64Array): Float64Array {
  const left = hours.slice();
  left[0] = Math.max(0, left[0]! - (elapsedS ?? 0) / 3600);
  return left;
}

/** `most` or `due` of a set of steps, kWh; 1 marks the steps in the set. */
export function setKwh(device: EvDevice, hours: Float64Array, side: SessionSide, steps: Uint8Array): number {
  const left = leftHours(device, hours);
  let sum = 0;
  for (const session of device.sessions) {
    const { energyKwh, lastStep, maxKw } = session;
    let [span, within, outside] = [0, 0, 0];
    for (let step = 0; step <= lastStep; step++) {
      const isIn = steps[step] === 1;
      if (isIn === (side === 'most')) span += hoursOf(session, left, step);
      if (isIn) within += floorKwh(session, left, step);
      else outside += floorKwh(session, left, step);
    }
    if (side === 'most') sum += Math.min(energyKwh - outside, maxKw * span);
    else sum += Number.isFinite(energyKwh) ? Math.max(within, energyKwh - maxKw * span) : within;
  }
  return sum;
}

/** The set of steps up to and including `last`. */
export const upTo = (steps: number, last: number): Uint8Array =>
  Uint8Array.from({ length: steps }, (_, step) => (step <= last ? 1 : 0));

/** What the sessions of a device get of its decided power. */
export function servedBy(layout: Layout, device: number, x: Float64Array): SessionFlow {
  const item = layout.problem.devices[device] as EvDevice;
  const { controls } = layout;
  const power = controls.findIndex((one) => one.device === device && one.role === 'power');
  const hours = leftHours(item, layout.hours);
  const kwh = Float64Array.from(hours, (left, step) => Math.max(0, x[step * controls.length + power]!) * 1000 * left);
  return sessionFlow(item.sessions, { hours, kwh });
}

/** Sessions that need energy from a set of steps, the first to leave first. */
export const boundSessions = (device: EvDevice, hours: Float64Array, steps: Uint8Array): EvDevice['sessions'] =>
  device.sessions
    .filter((one) => setKwh({ ...device, sessions: [one] }, hours, 'due', steps) > 1e-6)
    .toSorted((a, b) => a.lastStep - b.lastStep);
