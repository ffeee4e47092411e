import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import type { Part, Said } from '../../../shared/sentences/said.ts';
import { clockTime, timeOf } from '../problem/step-time.ts';
import type { Layout } from '../problem/layout.ts';
import type { SessionRow } from '../search/network-rows.ts';
import type { EvDevice, EvSession } from '../problem/problem.ts';
import { floorKwh } from '../problem/session-flow.ts';
import type { LimitRow } from '../search/constraints/constraint.ts';
import { boundSessions, servedBy } from '../problem/sessions.ts';

/** The reason that says most about a device in a step. */
export interface StepReason {
  readonly constraint: Part;
  readonly element: string;
  readonly shadowPrice: number;
  readonly unit: string;
  readonly row: LimitRow | SessionRow | undefined;
  readonly step: number;
  /** The device may not take less. */
  readonly isFloor?: boolean;
  /** For a device without a setpoint: a limit cuts what exceeds this, kW. */
  readonly beyondKw?: number;
}

/** How its sessions bind a site in a step, and what a MWh less of that would save. */
export function sessionReason(
  layout: Layout,
  row: SessionRow,
  { step, dual }: { readonly step: number; readonly dual: number },
): StepReason {
  return {
    constraint: row.side === 'most' ? sayPlan('what its sessions can take') : dueText(layout, row),
    element: layout.problem.devices[row.device]!.id,
    shadowPrice: Math.abs(dual),
    unit: 'EUR/MWh',
    row,
    step,
  };
}

export const sessionNames = (sessions: readonly EvSession[]): Part =>
  sessions.length === 1 ? sessions[0]!.id : sayPlan('{count} sessions', { count: sessions.length });

/** A power that is this much more is rounded, MW. */
const SAME_MW = 1e-4;

/** The sessions that hold a site at its least power in a step because they must not pause; undefined if they do not. */
export function floorReason(layout: Layout, x: Float64Array, at: Pick<StepReason, 'step'> & { device: number }) {
  const { device, step } = at;
  const item = layout.problem.devices[device]!;
  if (item.kind !== 'ev') return undefined;
  const who = item.sessions.filter((session) => floorKwh(session, layout.hours, step) > 0);
  const place = step * layout.controls.length + layout.controls.findIndex((one) => one.device === device);
  if (who.length === 0 || x[place]! > layout.lower[place]! + SAME_MW) return undefined;
  return sayPlan('charging of {who} without a pause', { who: sessionNames(who) });
}

/** "energy of a3 due by 06:30Z": names the last to leave among the sessions that need the steps. */
function dueText(layout: Layout, row: SessionRow): Said {
  const device = layout.problem.devices[row.device] as EvDevice;
  const bound = boundSessions(device, layout.hours, row.steps);
  const whole = bound.filter(({ lastStep }) => lastStep <= row.step);
  const last = (whole.length > 0 ? whole : bound).at(-1);
  if (last === undefined) return sayPlan('energy of its sessions');
  const who = sessionNames(bound);
  return last.departure === undefined
    ? sayPlan('energy of {who} due by an unknown departure', { who })
    : sayPlan('energy of {who} due by {time}', { who, time: clockTime(last.departure) });
}

/** What would be missing if the site took only its minimum in some steps; undefined if nothing would. */
export function withoutCharging(
  layout: Layout,
  x: Float64Array,
  { row: { device, side }, steps }: { readonly row: SessionRow; readonly steps: readonly number[] },
): Said | undefined {
  if (side !== 'due') return undefined;
  const width = layout.controls.length;
  const power = layout.controls.findIndex((one) => one.device === device && one.role === 'power');
  const less = x.slice();
  for (const step of steps) less[step * width + power] = layout.lower[step * width + power]!;
  const kwh = servedBy(layout, device, less).missingKwh - servedBy(layout, device, x).missingKwh;
  if (kwh < 0.05) return undefined;
  const { id } = layout.problem.devices[device]!;
  return sayPlan('without this: {energy} kWh more of {device} missing at departure, charging from {time}', {
    energy: kwh.toFixed(1),
    device: id,
    time: timeOf(layout, steps[0]!),
  });
}
