import { columnOf, type DeviceContext } from './device-rows.ts';
import type { Layout } from './layout.ts';
import type { DispatchProblem } from './problem.ts';

/** A customer with PV, and what it could feed in over the horizon, MWh. */
interface Customer {
  readonly devices: readonly number[];
  readonly availableMwh: number;
}

/** A customer that could feed in less than this share of the greatest has no meaningful share. */
const LEAST = 0.05;

/** Customers that are compared, plants behind one connection point together; empty if fewer than two. */
export function customersOf({ devices, horizon }: DispatchProblem): Customer[] {
  const found = new Map<string, { devices: number[]; availableMwh: number }>();
  for (const [index, device] of devices.entries()) {
    if (device.kind !== 'pv') continue;
    const key = device.customer ?? device.id;
    const customer = found.get(key) ?? { devices: [], availableMwh: 0 };
    found.set(key, customer);
    customer.devices.push(index);
    for (const [step, kw] of device.availableKw.entries())
      customer.availableMwh += (kw / 1000) * (horizon.stepsS[step]! / 3600);
  }
  const most = Math.max(0, ...[...found.values()].map(({ availableMwh }) => availableMwh));
  const compared = [...found.values()].filter(({ availableMwh }) => availableMwh > LEAST * most);
  return compared.length < 2 ? [] : compared;
}

/**
 * Bounds the spread of curtailment, percent of what each customer could feed in. Spread beyond the bound has a price, so there is always a
 * solution.
 */
export function addFairness(context: DeviceContext): void {
  const { problem, builder, hours, steps } = context;
  const { fairness } = problem;
  const customers = fairness === undefined ? [] : customersOf(problem);
  if (fairness === undefined || customers.length === 0) return;
  const highest = builder.column(0, 100, 0);
  const lowest = builder.column(0, 100, 0);
  const excess = builder.column(0, Infinity, fairness.excessEurPerPct);
  for (const [column, sign] of [
    [highest, 1],
    [lowest, -1],
  ] as const)
    for (const { devices, availableMwh } of customers) {
      // Curtailed share: 100 - 100 x fed in / available.
      builder.row(sign * 100, Infinity);
      builder.entry(column, sign);
      for (const device of devices)
        for (let step = 0; step < steps; step++)
          builder.entry(columnOf(context, device, 'feed-in', step), (sign * 100 * hours[step]!) / availableMwh);
    }
  builder.row(-Infinity, fairness.maxSpreadPct);
  builder.entry(highest, 1);
  builder.entry(lowest, -1);
  builder.entry(excess, -1);
}

/** Spread between the most and the least curtailed customer's share, percent. */
export function spreadPct({ problem, controls, hours }: Layout, x: Float64Array): number {
  const shares = customersOf(problem).map(({ devices, availableMwh }) => {
    let fed = 0;
    for (const [index, { device, role }] of controls.entries())
      if (role === 'feed-in' && devices.includes(device))
        for (const [step, h] of hours.entries()) fed += x[step * controls.length + index]! * h;
    return 100 - (100 * fed) / availableMwh;
  });
  return shares.length === 0 ? 0 : Math.max(...shares) - Math.min(...shares);
}

/** Cost of the spread beyond its bound, EUR. */
export function fairnessEur(layout: Layout, x: Float64Array): number {
  const { fairness } = layout.problem;
  return fairness === undefined
    ? 0
    : fairness.excessEurPerPct * Math.max(0, spreadPct(layout, x) - fairness.maxSpreadPct);
}

/** The highest cost of fairness for one MWh, EUR/MWh. */
export function dearestFairness(problem: DispatchProblem): number {
  if (problem.fairness === undefined) return 0;
  const least = Math.min(Infinity, ...customersOf(problem).map(({ availableMwh }) => availableMwh));
  return least === Infinity ? 0 : (100 * problem.fairness.excessEurPerPct) / least;
}
