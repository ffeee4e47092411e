import type { EstimateState } from '../../estimate/state.ts';
import { usable, type DeviceInputs, type DeviceModels } from './plan-devices.ts';

/**
 * The uncontrolled load at the busbar besides the feeders, as estimated now, kW: the estimate counts what devices there do as part of it. A
 * device without a reading takes what the plan assumes.
 */
export function busbarLoadKw(
  inputs: Pick<DeviceInputs, 'substation' | 'now' | 'speed' | 'live'>,
  { busbarRestKw }: Pick<EstimateState, 'busbarRestKw'>,
  { devices, fixed }: Pick<DeviceModels, 'devices' | 'fixed'>,
): number {
  const { substation } = inputs;
  const assumedKw = (id: string): number => {
    const model = devices.find((each) => each.id === id);
    if (model?.kind === 'pv') return -model.availableKw[0]!;
    return fixed.find(({ device }) => device === id)?.activePowerKw[0] ?? 0;
  };
  return substation.devices
    .filter(({ feeder }) => feeder === substation.id)
    .reduce((kw, { id }) => kw - (usable(inputs, id, 'activePowerKw') ?? assumedKw(id)), busbarRestKw.value);
}
