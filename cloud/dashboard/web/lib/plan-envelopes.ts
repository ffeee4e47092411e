import type { PlanBody, PowerRange } from '../../../../shared/contracts/plan.ts';
import { bounds, stepAt } from './plan-steps.ts';
import { t } from '../words/t.ts';

/** One operating envelope of a plan: of a device, a connection point, or everything that the gateway commands. */
export interface EnvelopeRow {
  readonly id: string;
  readonly kind: 'all' | 'point' | 'meter' | 'device';
  readonly ranges: readonly PowerRange[];
}

/** A connection point with its devices; the first group is the whole gateway. */
export interface EnvelopeGroup {
  readonly id: string;
  readonly name: string;
  /** The first row represents the group in a chart. */
  readonly rows: readonly EnvelopeRow[];
}

/**
 * Returns the envelopes of a plan, those shared by most devices first. The connection point of a single device is left out in favour of
 * that device.
 */
export function envelopeGroups(plan: PlanBody): EnvelopeGroup[] {
  const own = new Map(plan.devices.map(({ device, envelope }) => [device, envelope]));
  const deviceRow = (id: string): EnvelopeRow[] => {
    const ranges = own.get(id);
    return ranges === undefined ? [] : [{ id, kind: 'device', ranges }];
  };
  const groups: EnvelopeGroup[] = [];
  if (plan.envelope !== undefined)
    groups.push({
      id: 'all',
      name: t('All devices of the gateway'),
      rows: [{ id: 'all', kind: 'all', ranges: plan.envelope }],
    });
  const placed = new Set<string>();
  for (const { id, devices, envelope, meter } of [...(plan.connectionPoints ?? [])].sort(
    (a, b) => b.devices.length - a.devices.length,
  )) {
    // A feeder's plan lists its own devices, but the connection points of the whole substation.
    if (!devices.some((device) => own.has(device))) continue;
    for (const device of devices) placed.add(device);
    groups.push({
      id,
      name: id,
      rows: [
        ...(devices.length > 1 ? [{ id, kind: 'point' as const, ranges: envelope }] : []),
        ...devices.flatMap(deviceRow),
        { id: t('{id} meter', { id }), kind: 'meter', ranges: meter },
      ],
    });
  }
  for (const { device } of plan.devices) {
    const rows = placed.has(device) ? [] : deviceRow(device);
    if (rows.length > 0) groups.push({ id: device, name: device, rows });
  }
  return groups;
}

const HOUR_MS = 3_600_000;
const LEADS_MS = [0, 1, 3, 6, 12, 18, 24, 30].map((hours) => hours * HOUR_MS);

/** Returns steps to show by their lead time, all within the horizon; empty once the plan is over. */
export function leadSteps(plan: PlanBody, now: number): { readonly step: number; readonly leadMs: number }[] {
  const starts = bounds(plan.horizon);
  const found = new Map<number, number>();
  for (const leadMs of LEADS_MS) {
    const step = stepAt(plan.horizon, Math.max(now, plan.horizon.start) + leadMs);
    if (step >= 0 && !found.has(step)) found.set(step, Math.max(0, starts[step]! - now));
  }
  return [...found].map(([step, leadMs]) => ({ step, leadMs }));
}
