import { listed, sayPlan } from '../../../shared/sentences/plan-forms.ts';
import type { Part } from '../../../shared/sentences/said.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { Network } from '../../../shared/grid/network.ts';
import { isStepped, type ConnectionPoint, type LoadProfile } from './problem.ts';
import type { Corners } from './load-corners.ts';
import type { DeviceModels } from './plan-devices.ts';

export interface ConnectionInputs {
  readonly substation: Pick<RegionSubstation, 'devices' | 'connectionPoints'>;
  readonly network: Network;
  readonly models: DeviceModels;
  readonly loads: Corners['loads'];
  readonly steps: number;
}

/**
 * The connection points of the planned devices. Load behind a meter is its network loads' share, by nominal power, of the bus's load in
 * each corner of the forecast, plus its unplanned devices. A connection point that the region's model puts at several buses cannot be one
 * meter: its devices stand alone, and a substitution says so.
 */
export function connectionPoints(inputs: ConnectionInputs): { points: ConnectionPoint[]; substitutions: Part[] } {
  const { substation, models, steps } = inputs;
  const planned = new Map(models.devices.map((device) => [device.id, device]));
  const substitutions: Part[] = [];
  const points: ConnectionPoint[] = [];
  for (const [id, behind] of Map.groupBy(substation.devices, ({ connectionPoint }) => connectionPoint)) {
    const members = behind.filter(({ id: device }) => {
      const model = planned.get(device);
      return model !== undefined && !isStepped(model);
    });
    const [first] = members;
    if (first === undefined) continue;
    const buses = [...new Set(members.map(({ bus }) => bus))];
    if (buses.length > 1) {
      substitutions.push(
        sayPlan('connection point {id} stands at {buses}: its devices are planned one by one', {
          id,
          buses: listed(buses),
        }),
      );
      continue;
    }
    const stated = substation.connectionPoints?.find((one) => one.id === id);
    const flat = (kw: number | undefined): number[] => Array.from({ length: steps }, () => kw ?? Infinity);
    const fixed = models.fixed.filter(({ device }) => behind.some((one) => one.id === device));
    const load = loadBehind(inputs, first.bus, { loads: stated?.loads ?? [], fixed });
    points.push({
      id,
      devices: members.map((device) => device.id),
      importKw: flat(stated?.importKw),
      exportKw: flat(stated?.exportKw),
      loadKw: { mid: load(inputs.loads.mid), lowSun: load(inputs.loads.lowSun), highSun: load(inputs.loads.highSun) },
    });
  }
  return { points, substitutions };
}

function loadBehind(
  { network, models, steps }: ConnectionInputs,
  bus: string,
  own: { readonly loads: readonly string[]; readonly fixed: DeviceModels['fixed'] },
): (profile: LoadProfile) => number[] {
  const at = network.buses.findIndex(({ id }) => id === bus);
  let whole = 0;
  let part = 0;
  for (const load of network.loads) {
    if (load.bus !== bus) continue;
    whole += load.activePowerKw;
    if (own.loads.includes(load.id)) part += load.activePowerKw;
  }
  const share = whole === 0 ? 0 : part / whole;
  const sum = (fixed: DeviceModels['fixed'], step: number): number =>
    fixed.reduce((kw, one) => kw + (one.bus === bus ? one.activePowerKw[step]! : 0), 0);
  return ({ activePowerKw }) =>
    Array.from(
      { length: steps },
      (_, step) =>
        share * (activePowerKw[step * network.buses.length + at]! - sum(models.fixed, step)) + sum(own.fixed, step),
    );
}
