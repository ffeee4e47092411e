import type { EstimateState } from '../../estimate/state.ts';
import { usable, type DeviceInputs, type DeviceModels } from './plan-devices.ts';

/** Uncontrolled load at the busbar besides the feeders. */
export interface BusbarLoad {
  readonly kw: number;
  /** With what devices there draw whose reactive power is not planned. */
  readonly kvar: number;
}

/**
 * The load at the busbar as estimated now: the estimate counts what devices there do as part of it. A device without a reading does what the
 * plan assumes.
 */
export function busbarLoad(
  inputs: Pick<DeviceInputs, 'substation' | 'now' | 'speed' | 'live'>,
  { busbarRestKw, buses }: Pick<EstimateState, 'busbarRestKw' | 'buses'>,
  { devices, fixed }: Pick<DeviceModels, 'devices' | 'fixed'>,
): BusbarLoad {
  const { substation } = inputs;
  const busbar = buses.find(({ id }) => id === substation.network.transformers[0]!.to);
  const pu = busbar?.voltagePu.value ?? 1;
  let { value: kw } = busbarRestKw;
  let kvar = busbar?.loadKvar ?? 0;
  for (const { id, feeder } of substation.devices) {
    if (feeder !== substation.id) continue;
    const model = devices.find((each) => each.id === id);
    const assumedKw =
      model?.kind === 'pv' ? -model.availableKw[0]! : fixed.find(({ device }) => device === id)?.activePowerKw[0];
    kw -= usable(inputs, id, 'activePowerKw') ?? assumedKw ?? 0;
    const assumedKvar = model?.kind === 'capacitor' ? -model.levels[model.start]! * pu * pu : 0;
    const isPlanned =
      model?.kind === 'capacitor' || (model !== undefined && 'maxReactiveKvar' in model && model.maxReactiveKvar > 0);
    if (isPlanned) kvar -= usable(inputs, id, 'reactivePowerKvar') ?? assumedKvar;
  }
  return { kw, kvar };
}
