import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { AlarmRule } from './alarm-rules.ts';

interface Place {
  readonly source: string;
  readonly device: string | null;
  readonly subject: string | null;
}

const bare = (subject: string | null): string => subject?.split(':').at(-1) ?? '';

function substationOf(region: Region, { source, subject }: Place): RegionSubstation | undefined {
  const about = bare(subject);
  return (
    region.substations.find(({ gateway }) => gateway === source) ??
    region.substations.find(({ id, network }) => id === about || network.feeders.some((each) => each.id === about))
  );
}

/** The feeder of the device, or the one that the subject names: itself, its head, or an element whose id begins with it. */
function feederOf(substation: RegionSubstation, { device, subject }: Place): string | undefined {
  const about = bare(subject);
  const own = substation.devices.find(({ id }) => id === device)?.feeder;
  const named = substation.network.feeders.find(({ id }) => {
    const head = id.replace(`${substation.id}-`, 'feeder-');
    return [about, device ?? ''].some((each) => each === id || each === head || each.startsWith(`${id}-`));
  });
  return own ?? named?.id;
}

/** What an alarm stands on, for the rights of who acts on it and the area that it is of: a feeder where it is of one alone. */
export function targetOf(region: Region, place: Place): string {
  const substation = substationOf(region, place);
  if (substation === undefined) return `region:${region.id}`;
  const feeder = feederOf(substation, place);
  return feeder === undefined ? `substation:${substation.id}` : `feeder:${feeder}`;
}

/** What is wrong with one feeder explains what is wrong on it, and nothing of the other feeders. */
export function isWithin(region: Region, parent: Place, child: Place): boolean {
  const place = targetOf(region, parent);
  return !place.startsWith('feeder:') || place === targetOf(region, child);
}

/** Path of the screen with the control that mends it. */
export function controlOf(region: Region, place: Place, control: AlarmRule['control']): string {
  const substation = substationOf(region, place);
  if (substation === undefined || control === 'gateways') return '/gateways';
  const feeder = feederOf(substation, place) ?? substation.network.feeders[0]?.id;
  if (control === 'forecast') return `/forecast/${substation.id}`;
  if (control === 'substation' || feeder === undefined) return `/substations/${substation.id}`;
  return control === 'plan' ? `/plan/${feeder}` : `/feeders/${feeder}`;
}
