import { headId, type Region, type RegionSubstation } from '../../shared/contracts/region.ts';
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

/** The device's feeder, or the one that the subject names: itself, its head's meter, or an element whose id starts with its id. */
function feederOf(substation: RegionSubstation, { device, subject }: Place): string | undefined {
  const names = [bare(subject), device ?? ''];
  const own = substation.devices.find(({ id }) => id === device)?.feeder;
  const feeders = substation.network.feeders.map(({ id }) => id);
  const named = feeders.find((id) => names.some((name) => name === id || name === headId(substation, id)));
  const around = feeders
    .filter((id) => names.some((name) => name.startsWith(`${id}-`)))
    .toSorted((a, b) => b.length - a.length)[0];
  return own ?? named ?? around;
}

/** The target of an alarm, for the rights and the area that acting on it requires: a feeder if it concerns only one. */
export function targetOf(region: Region, place: Place): string {
  const substation = substationOf(region, place);
  if (substation === undefined) return `region:${region.id}`;
  const feeder = feederOf(substation, place);
  return feeder === undefined ? `substation:${substation.id}` : `feeder:${feeder}`;
}

/** The feeder that an alarm is limited to; null: it may concern more. */
export function onlyFeederOf(region: Region, place: Place): string | null {
  const target = targetOf(region, place);
  return target.startsWith('feeder:') ? target : null;
}

/** Path of the page with the control that resolves it. */
export function controlOf(region: Region, place: Place, control: AlarmRule['control']): string {
  if (control === 'system') return '/system';
  const substation = substationOf(region, place);
  if (substation === undefined || control === 'gateways') return '/gateways';
  const feeder = feederOf(substation, place) ?? substation.network.feeders[0]?.id;
  if (control === 'forecast') return `/forecast/${substation.id}`;
  if (control === 'substation' || feeder === undefined) return `/substations/${substation.id}`;
  return control === 'plan' ? `/plan/${feeder}` : `/feeders/${feeder}`;
}
