import type { ControlView, FeederView } from '../../../../shared/contracts/view.ts';
import { number } from './format.ts';
import { t, type Text } from '../words/t.ts';

const KINDS: Readonly<Record<ControlView['kind'], Text>> = {
  monitor: 'Monitor',
  manual: 'Manual',
  override: 'Override',
  stop: 'Stopped',
  tag: 'Tagged',
  guard: 'Guard acts',
};

/** "Override battery-1, anna" */
export function controlText({ kind, feeder, device, by, kw }: ControlView): string {
  const place = device ?? feeder ?? '';
  return [
    `${t(KINDS[kind])}${place === '' ? '' : ` ${place}`}`,
    by ?? (kind === 'override' ? t('at the site') : ''),
    // A guard that lets go slowly takes nothing any more.
    kw === null || (kind === 'guard' && Math.abs(kw) < 0.5) ? '' : `${number(kw)} kW`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** What concerns a feeder: its own, and that of the whole substation. */
export const controlAt = (items: readonly ControlView[], place: string): readonly ControlView[] =>
  items.filter(({ feeder }) => feeder === null || feeder === place);

const COUNTED: Readonly<Record<ControlView['kind'], Text>> = {
  monitor: 'monitor',
  manual: 'manual',
  override: 'override',
  stop: 'stopped',
  tag: 'tagged',
  guard: 'guard acts',
};

/** "2 manual, 1 override" */
export function controlCounts(items: readonly ControlView[]): string {
  const groups = Map.groupBy(items, ({ kind }) => kind);
  return [...groups].map(([kind, of]) => `${of.length} ${t(COUNTED[kind])}`).join(', ');
}

/** Devices of a feeder that are not left to the plan, each with how: all of them where the feeder or the substation is not. */
export function heldDevices(items: readonly ControlView[], { id, devices }: FeederView): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const item of controlAt(items, id).filter(({ kind }) => kind !== 'guard'))
    for (const device of devices)
      if (item.device === null || item.device === device.id)
        held.set(device.id, `${device.name}: ${controlText(item)}`);
  return held;
}
