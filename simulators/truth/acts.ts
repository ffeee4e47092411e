import type { RegionSim } from '../sim/region-sim.ts';
import type { MeterFault } from '../plant/spec.ts';
import { behind, type Injected } from './moment.ts';

/** A change to the world at a second of a scenario. */
export interface Act {
  readonly atS: number;
  do(sim: RegionSim, injected: Injected): void | Promise<void>;
}

export const METERS = ['transformer', 'feeder-1', 'feeder-2'];
const plantOf = (sim: RegionSim): RegionSim['plant']['plants'][number] => sim.plant.plants[0]!;
const gatewayOf = (sim: RegionSim): RegionSim['gateways'][number] => sim.gateways[0]!;

export const silent = (atS: number, devices: readonly string[]): Act => ({
  atS,
  do: (sim, injected) => {
    injected.silent = devices;
    gatewayOf(sim).setSilent(devices);
  },
});
/** The judge has no record of deafness. Whether a device holds its command is read from the plant. */
export const deaf = (atS: number, devices: readonly string[]): Act => ({
  atS,
  do: (sim) => gatewayOf(sim).setDeaf(devices),
});
export const spike = (atS: number, feeder: number, share: number, durationS: number): Act => ({
  atS,
  do: (sim) => void plantOf(sim).spike({ feeder: `${plantOf(sim).id}-${feeder}`, share, durationS }),
});
export const starved = (atS: number, isStarved: boolean): Act => ({
  atS,
  do: (sim, injected) => {
    injected.starved = isStarved;
    gatewayOf(sim).setStall(isStarved ? { everyMs: 75_000, runMs: 1500 } : undefined);
  },
});
export const meter = (atS: number, device: string, fault: MeterFault | undefined): Act => ({
  atS,
  do: (_sim, { meters }) => {
    if (fault === undefined) delete meters[device];
    else meters[device] = fault;
  },
});
export const breaker = (atS: number, feeder: number, closed: boolean): Act => ({
  atS,
  do: (sim) => {
    const { headBranch } = sim.region.substations[0]!.network.feeders[feeder - 1]!;
    plantOf(sim).setSwitch(headBranch, closed);
  },
});
/** Opens the breaker of a feeder's head. Devices and meters behind it lose their supply and fall silent. */
export const outage = (feeder: number, { atS, untilS }: { readonly atS: number; readonly untilS: number }): Act[] => {
  const supplied = (second: number, is: boolean): Act => ({
    atS: second,
    do: (sim, injected) => {
      const substation = sim.region.substations[0]!;
      return silent(second, is ? [] : behind(substation, `${substation.id}-${feeder}`)).do(sim, injected);
    },
  });
  return [breaker(atS, feeder, false), supplied(atS, false), breaker(untilS, feeder, true), supplied(untilS, true)];
};
export const store = (atS: number, down: boolean): Act => ({
  atS,
  do: (_sim, injected) => void (injected.storeDown = down),
});
export const cloud = (atS: number, down: boolean): Act => ({
  atS,
  do: async (sim, injected) => {
    if (down) sim.killCloud();
    else await sim.restartCloud();
    injected.cloudDown = down;
  },
});
export const link = (atS: number, down: boolean): Act => ({
  atS,
  do: (sim) => (down ? sim.network.partition(gatewayOf(sim).id) : sim.network.heal(gatewayOf(sim).id)),
});
