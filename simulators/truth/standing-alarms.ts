import type { AlarmView } from '../../shared/contracts/alarm.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { RegionPlant } from '../plant/region-plant.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { aboutOf } from './alarm-judge.ts';
import { alarmPredicates } from './alarm-predicates.ts';
import { untouched, type Moment } from './moment.ts';

/**
 * Contradictions between a region's plant and its standing alarms, in words. Assumes that every link is up, every device answers and
 * follows, and meter faults are as in `specs`. Alarms that claim a probability are not judged individually.
 */
export function contradicted(
  alarms: readonly AlarmView[],
  plants: RegionPlant,
  { region, specs }: { readonly region: Region; readonly specs: readonly PlantSpec[] },
): string[] {
  return alarms.flatMap((alarm) => {
    const predicate = alarmPredicates[alarm.code];
    const substation = region.substations.find(({ gateway }) => gateway === alarm.source);
    const plant = plants.plants.find(({ id }) => id === substation?.id);
    const spec = specs.find(({ id }) => id === substation?.id);
    const label = `${alarm.source} ${alarm.code}: ${alarm.text}`;
    if (predicate === undefined || substation === undefined || plant === undefined || spec === undefined)
      return [`${label}: cannot be judged`];
    if (predicate.kind === 'probability') return [];
    const moment: Moment = {
      atS: 0,
      gateway: substation.gateway,
      substation,
      spec,
      plant,
      truth: plant.truth(),
      injected: { ...untouched(), meters: spec.meterFaults },
      linked: true,
      unheardS: 0,
      pastS: () => Infinity,
      plannedKw: new Map(),
      commands: new Map(),
    };
    const about = aboutOf(alarm);
    const ageS = (plants.timeMs - (alarm.raisedAt ?? 0)) / 1000;
    if (!(predicate.may?.(moment) ?? predicate.holds(moment)).includes(about))
      return ageS <= predicate.lingersS ? [] : [`${label}: its condition does not hold`];
    if (predicate.kind === 'state' || predicate.stands(moment, about, alarm.parameters ?? {})) return [];
    return [`${label}: its claim is wrong`];
  });
}
