import type { RegionDevice } from '../../shared/contracts/region.ts';
import type { SetpointWish } from '../../shared/contracts/command.ts';
import type { SetpointRange, WishKey } from '../../shared/contracts/desk.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';

/** Target range of a tap changer's own controller, pu. */
const TARGET_PU = { min: 0.9, max: 1.1 } as const;

/**
 * Setpoints a device accepts within its rating: a power for a battery, a limit (magnitude) for customer equipment, a target for a tap
 * changer, whole steps for a capacitor bank. None without the customer's authority, or with authority for the guard only. The gateway has
 * the final say.
 */
export function setpointRanges(device: RegionDevice): SetpointRange[] {
  const { authority, type } = device;
  if (authority === 'none' || authority === 'guard') return [];
  const kvar = device.maxReactiveKvar ?? 0;
  const reactive: SetpointRange[] = kvar > 0 ? [{ key: 'reactivePowerKvar', min: -kvar, max: kvar, unit: 'kvar' }] : [];
  switch (type) {
    case 'battery':
      return [
        { key: 'activePowerKw', min: -(device.dischargeKw ?? 0), max: device.chargeKw ?? 0, unit: 'kW' },
        ...reactive,
      ];
    case 'pv-inverter':
      return [{ key: 'activePowerLimitKw', min: 0, max: device.activePowerKw ?? 0, unit: 'kW' }, ...reactive];
    case 'ev-site':
    case 'flexible-load':
      return [
        { key: 'activePowerLimitKw', min: device.floorKw ?? 0, max: device.activePowerKw ?? 0, unit: 'kW' },
        ...reactive,
      ];
    case 'tap-changer':
      return [{ key: 'voltageTargetPu', ...TARGET_PU, unit: 'pu' }];
    case 'capacitor-bank':
      return [{ key: 'capacitorStep', min: 0, max: device.steps ?? 0, unit: 'steps' }];
    case 'meter':
      return [];
  }
}

/** Checks a wish and returns its values. LS-DESK-001: a key that the device does not accept, or a value out of range. */
export function checkWish(device: RegionDevice, wish: SetpointWish): Outcome<SetpointWish> {
  const ranges = setpointRanges(device);
  if (ranges.length === 0)
    return bad('LS-DESK-001', `${device.id} takes no setpoint: its authority is ${device.authority}`);
  const keys = (Object.keys(wish) as WishKey[]).filter((key) => wish[key] !== undefined);
  if (keys.length === 0)
    return bad(
      'LS-DESK-001',
      `the setpoint is empty: give ${ranges.map(({ key }) => key).join(' or ')}`,
      '/body/setpoint',
    );
  const checked: SetpointWish = {};
  for (const key of keys) {
    const range = ranges.find((each) => each.key === key);
    const value = wish[key]!;
    const pointer = `/body/setpoint/${key}`;
    if (range === undefined)
      return bad('LS-DESK-001', `${device.id} takes ${ranges.map((each) => each.key).join(', ')}, not ${key}`, pointer);
    if (!Number.isFinite(value) || value < range.min || value > range.max)
      return bad(
        'LS-DESK-001',
        `${device.id} takes ${key} from ${range.min} to ${range.max} ${range.unit}, not ${value}`,
        pointer,
      );
    if (key === 'capacitorStep' && !Number.isInteger(value))
      return bad('LS-DESK-001', `${device.id} takes whole steps, not ${value}`, pointer);
    checked[key] = value;
  }
  return good(checked);
}
