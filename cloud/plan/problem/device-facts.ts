import type { Layout } from './layout.ts';
import { isStepped, type DispatchDevice } from './problem.ts';

/** What a device cannot do: a bound that the search for conflicts may relax. */
export type FactKind =
  | 'available'
  | 'curtailed'
  | 'reactive least'
  | 'reactive most'
  | 'charging'
  | 'discharging'
  | 'empty'
  | 'full'
  | 'floor'
  | 'most'
  | 'energy'
  | 'owed'
  | 'lowest'
  | 'highest'
  | 'moves'
  | 'inverter';

/** One side of a column in one step. */
export interface FactBound {
  readonly column: number;
  readonly side: 'lower' | 'upper';
  readonly step: number;
}

/** A fact of one device over all steps. An inverter's rating has rows instead of bounds. */
export interface DeviceFact {
  readonly device: number;
  readonly kind: FactKind;
  readonly bounds: readonly FactBound[];
}

/** The fact behind a bound of a control's column. Charging and discharging are not negative by definition, so that bound is no fact. */
function factOf(device: DispatchDevice, role: string, side: FactBound['side']): FactKind | undefined {
  const lower = side === 'lower';
  switch (role) {
    case 'feed-in':
    case 'limit':
      return lower ? 'curtailed' : 'available';
    case 'reactive':
      return lower ? 'reactive least' : 'reactive most';
    case 'charge':
      return lower ? undefined : 'charging';
    case 'discharge':
      return lower ? undefined : 'discharging';
    case 'power':
      return lower ? 'floor' : 'most';
    case 'source':
    case 'capacitor':
      return lower ? 'lowest' : 'highest';
    case 'level':
      if (device.kind === 'storage') return lower ? 'empty' : 'full';
      return lower ? 'floor' : 'energy';
    default:
      return undefined;
  }
}

/** Facts of all devices of a problem, each over all steps. */
export function deviceFacts(layout: Layout): DeviceFact[] {
  const facts = new Map<string, { device: number; kind: FactKind; bounds: FactBound[] }>();
  const add = (device: number, kind: FactKind | undefined, bound: FactBound): void => {
    if (kind === undefined) return;
    const key = `${device} ${kind}`;
    const known = facts.get(key);
    if (known === undefined) facts.set(key, { device, kind, bounds: [bound] });
    else known.bounds.push(bound);
  };
  const { devices } = layout.problem;
  for (let step = 0; step < layout.steps; step++) {
    for (const [index, { device, role }] of layout.controls.entries())
      for (const side of ['lower', 'upper'] as const)
        add(device, factOf(devices[device]!, role, side), {
          column: step * layout.controls.length + index,
          side,
          step,
        });
    for (const [device, { level, owed }] of layout.devices.entries())
      for (const side of ['lower', 'upper'] as const) {
        if (level.length > 0)
          add(device, factOf(devices[device]!, 'level', side), { column: level[step]!, side, step });
        if (owed.length > 0) add(device, 'owed', { column: owed[step]!, side, step });
      }
  }
  for (const [device, item] of devices.entries()) {
    if (!isStepped(item)) continue;
    for (const [budget, column] of layout.devices[device]!.moves.entries())
      add(device, 'moves', { column, side: 'upper', step: item.budgets[budget]!.toStep });
  }
  for (const [device, item] of devices.entries())
    if ('apparentPowerKva' in item && item.apparentPowerKva !== undefined)
      facts.set(`${device} inverter`, { device, kind: 'inverter', bounds: [] });
  return [...facts.values()];
}
