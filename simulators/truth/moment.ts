import { fromWire } from '../faces/wire.ts';
import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { MeterFault } from '../plant/spec.ts';
import type { PlantTruth } from '../plant/truth.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';

/** What a scenario has done to the one substation of its world. Nothing in that world knows of it. */
export interface Injected {
  /** Devices and meters that answer no more. */
  silent: readonly string[];
  /** The meters' faults; the plant reads them. */
  readonly meters: Record<string, MeterFault>;
  storeDown: boolean;
  cloudDown: boolean;
  starved: boolean;
}

/** Commands as the device got them, the newest last, with those that stood within the last seconds. */
interface Kept {
  readonly stood: readonly { readonly command: DeviceCommand; readonly sinceS: number }[];
  /** Until when the device keeps the newest, s since the start. */
  readonly untilS: number;
}

/** A device may take so long to hold a command, s. */
export const TAKES_S = 5;

/** All that is true at one second of a scenario. */
export interface Moment {
  readonly atS: number;
  readonly gateway: string;
  readonly substation: RegionSubstation;
  readonly plant: Plant;
  readonly truth: PlantTruth;
  readonly injected: Injected;
  /** The cloud hears the gateway. */
  readonly linked: boolean;
  /** Since when the gateway hears no heartbeat, s; 0: it does. */
  readonly unheardS: number;
  /** What each device was commanded and still keeps. */
  readonly commands: ReadonlyMap<string, Kept>;
}

/** Devices and station meters behind the head of a feeder. */
export const behind = ({ devices, meters }: RegionSubstation, feeder: string): string[] => [
  ...devices.filter((each) => each.feeder === feeder).map(({ id }) => id),
  ...meters
    .filter(({ kind, element }) => kind === 'station' && element.startsWith(`${feeder}-`))
    .map(({ device }) => device),
];

const REVERT_S = 60;

/** Looks at the world of a scenario once a second. */
export class Watcher {
  readonly #sim: RegionSim;
  readonly #injected: Injected;
  readonly #startMs: number;
  readonly #commands = new Map<string, Kept>();
  #unheardSince: number | undefined;

  constructor(sim: RegionSim, injected: Injected) {
    this.#sim = sim;
    this.#injected = injected;
    this.#startMs = sim.clock.plant.now();
  }

  /** A message has reached a device. */
  commanded(topic: string, payload: Uint8Array): void {
    const device = topic.split('/')[0]!;
    const command = fromWire(device, JSON.parse(new TextDecoder().decode(payload)));
    if (!command.ok) return;
    const atS = this.#atS();
    const before = this.#commands.get(device);
    const untilS = atS + (command.value.revertAfterS ?? REVERT_S);
    const known = before === undefined || before.untilS <= atS ? [] : before.stood;
    const same = known.length > 0 && isNear(known.at(-1)!.command, command.value);
    const stood = same ? known : [...known, { command: command.value, sinceS: atS }];
    // Whatever a newer one replaced seconds ago is over.
    const first = Math.max(
      0,
      stood.findLastIndex(({ sinceS }) => atS - sinceS >= TAKES_S),
    );
    this.#commands.set(device, { stood: stood.slice(first), untilS });
  }

  look(): Moment {
    const [plant, gateway] = [this.#sim.plant.plants[0]!, this.#sim.gateways[0]!.id];
    const clients = this.#sim.network.clients();
    const linked = clients.includes(gateway);
    const atS = this.#atS();
    if (linked && !this.#injected.cloudDown) this.#unheardSince = undefined;
    else this.#unheardSince ??= atS;
    return {
      atS,
      gateway,
      substation: this.#sim.region.substations[0]!,
      plant,
      truth: plant.truth(),
      injected: this.#injected,
      linked,
      unheardS: this.#unheardSince === undefined ? 0 : atS - this.#unheardSince,
      commands: this.#commands,
    };
  }

  #atS(): number {
    return (this.#sim.clock.plant.now() - this.#startMs) / 1000;
  }
}

const isNear = (a: DeviceCommand, b: DeviceCommand): boolean =>
  (['activePowerKw', 'activePowerLimitKw', 'reactivePowerKvar'] as const).every(
    (key) => Math.abs((a[key] ?? 0) - (b[key] ?? 0)) <= 0.02 * Math.max(50, Math.abs(b[key] ?? 0)),
  );
