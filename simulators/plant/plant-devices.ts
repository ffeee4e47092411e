import { Battery } from './battery.ts';
import { CapacitorBank } from './capacitor-bank.ts';
import type { Device } from './device.ts';
import { EvSite } from './ev-site.ts';
import { FlexibleLoad } from './flexible-load.ts';
import { PvInverter } from './pv-inverter.ts';
import type { DeviceCommand } from './setpoints.ts';
import type { Consequences, PlantSpec } from './spec.ts';
import { TapChanger } from './tap-changer.ts';

export interface Placed {
  readonly device: Device;
  readonly bus: number;
  /** Index of the PV plant in the sky; undefined for other devices. */
  readonly plant: number | undefined;
}

export interface PlantDevices {
  readonly placed: readonly Placed[];
  readonly byId: ReadonlyMap<string, Placed>;
  readonly tap: TapChanger | undefined;
  readonly pvCount: number;
  readonly ev: readonly EvSite[];
  readonly commandable: ReadonlyMap<string, { command(command: DeviceCommand, nowMs: number): void }>;
}

export function makeDevices(
  spec: PlantSpec,
  options: { readonly seed: number; readonly startMs: number; readonly bites: Consequences },
  busIndex: ReadonlyMap<string, number>,
): PlantDevices {
  const placed: Placed[] = [];
  const ev: EvSite[] = [];
  let tap: TapChanger | undefined;
  let pvCount = 0;
  for (const each of spec.devices) {
    const bus = busIndex.get(each.bus);
    if (bus === undefined) throw new Error(`device ${each.id}: ${spec.id} has no bus ${each.bus}`);
    switch (each.type) {
      case 'battery':
        placed.push({ device: new Battery(each), bus, plant: undefined });
        break;
      case 'pv-inverter':
        placed.push({ device: new PvInverter(each, options.bites), bus, plant: pvCount++ });
        break;
      case 'ev-site': {
        const site = new EvSite(each, options.seed, options.startMs);
        ev.push(site);
        placed.push({ device: site, bus, plant: undefined });
        break;
      }
      case 'flexible-load':
        placed.push({ device: new FlexibleLoad(each), bus, plant: undefined });
        break;
      case 'capacitor-bank':
        placed.push({ device: new CapacitorBank(each), bus, plant: undefined });
        break;
      case 'tap-changer': {
        const transformer = spec.network.transformers.find(({ id }) => id === each.transformer);
        if (transformer === undefined) throw new Error(`device ${each.id}: no transformer ${each.transformer}`);
        const { tapMin = 0, tapMax = 0, tapPosition = 0 } = transformer;
        tap = new TapChanger(each, { min: tapMin, max: tapMax, start: tapPosition });
        break;
      }
    }
  }
  const commandable = new Map<string, { command(command: DeviceCommand, nowMs: number): void }>(
    placed.map(({ device }) => [device.id, device]),
  );
  if (tap !== undefined) commandable.set(tap.id, tap);
  return { placed, byId: new Map(placed.map((each) => [each.device.id, each])), tap, pvCount, ev, commandable };
}
