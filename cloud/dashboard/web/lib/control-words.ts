import type { LastSet } from '../../../../shared/contracts/report.ts';
import type { ControlView, FeederView } from '../../../../shared/contracts/view.ts';
import { number } from './format.ts';
import { t, type Text } from '../words/t.ts';

/** In order of importance; modes come last, because a mode often covers many feeders. */
const KINDS: Readonly<Record<ControlView['kind'], Text>> = {
  stop: 'Stopped',
  guard: 'Guard acts',
  emergency: 'Limits raised',
  override: 'Override',
  tag: 'Tagged',
  manual: 'Manual',
  monitor: 'Monitor',
};

const ORDER = Object.keys(KINDS);
/** Sorts items by importance, for places without room for all. */
export const ranked = <T extends Pick<ControlView, 'kind'>>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));

/** "Override battery-1, anna" */
export function controlText({ kind, feeder, device, by, kw }: ControlView): string {
  const place = device ?? feeder ?? '';
  return [
    `${t(KINDS[kind])}${place === '' ? '' : ` ${place}`}`,
    by ?? (kind === 'override' ? t('at the site') : ''),
    // A guard that is releasing slowly no longer takes power.
    kw === null || (kind === 'guard' && Math.abs(kw) < 0.5) ? '' : `${number(kw)} kW`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Returns the items of a feeder: its own, and those of the whole substation. */
export const controlAt = (items: readonly ControlView[], place: string): readonly ControlView[] =>
  items.filter(({ feeder }) => feeder === null || feeder === place);

const COUNTED: Readonly<Record<ControlView['kind'], Text>> = {
  monitor: 'monitor',
  manual: 'manual',
  override: 'override',
  stop: 'stopped',
  tag: 'tagged',
  guard: 'guard acts',
  emergency: 'limits raised',
};

/** "2 manual, 1 override" */
export function controlCounts(items: readonly ControlView[]): string {
  const groups = Map.groupBy(items, ({ kind }) => kind);
  return [...groups].map(([kind, of]) => `${of.length} ${t(COUNTED[kind])}`).join(', ');
}

/** Limits of a guard: the substation's own, and the one from the cloud. */
const GUARDED: readonly (string | null)[] = ['guard', 'grid-limit'];
/** Kinds that do not concern single devices. */
const OF_PLACES: readonly ControlView['kind'][] = ['guard', 'emergency'];

/**
 * Returns the devices of a feeder that the plan does not control, each with the reason: all of them if the whole feeder or substation is
 * not under the plan.
 */
export function heldDevices(items: readonly ControlView[], { id, devices }: FeederView): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const { id: device, name, limitedBy } of devices)
    if (GUARDED.includes(limitedBy)) held.set(device, `${name}: ${t(KINDS.guard)}`);
  for (const item of controlAt(items, id).filter(({ kind }) => !OF_PLACES.includes(kind)))
    for (const device of devices)
      if (item.device === null || item.device === device.id)
        held.set(device.id, `${device.name}: ${controlText(item)}`);
  return held;
}

const LAST_SET = {
  override: 'goes on as {by} set it at {time}',
  'local-manual': 'goes on as {by} set it at the site at {time}',
  'cloud-plan': 'goes on as the plan set it at {time}',
  'own-plan': 'goes on as the plan of its gateway set it at {time}',
  'safe-default': 'goes on as its safe default set it at {time}',
  guard: 'goes on as the guard left it at {time}',
} as const satisfies Readonly<Partial<Record<LastSet['source'], Text>>>;

/** "goes on as anna set it at 14:02". `time` formats the time. Undefined if the device is under command now, or nobody has set it. */
export function lastSetText(lastSet: LastSet | undefined, time: (at: number) => string): string | undefined {
  if (lastSet === undefined || lastSet.source === 'none') return undefined;
  const { source, by, at } = lastSet;
  return t(LAST_SET[source], { by: by ?? t('somebody'), time: time(at) });
}
