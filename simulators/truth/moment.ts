import { FakeQueue } from '../../cloud/task-queue/testing/fake-queue.ts';
import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { MeterFault, PlantSpec } from '../plant/spec.ts';
import type { PlantTruth } from '../plant/truth.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';

/** What becomes of what the solver is asked. `aborts`: its plan until then stands. */
export type SolverFault = 'none' | 'throws' | 'aborts';

/** What a scenario has done to the one substation of its world. Nothing in that world knows of it. */
export interface Injected {
  /** Devices and meters that answer no more. */
  silent: readonly string[];
  /** The meters' faults; the plant reads them. */
  readonly meters: Record<string, MeterFault>;
  storeDown: boolean;
  /** The medium of the cloud's state takes nothing. */
  readOnly: boolean;
  cloudDown: boolean;
  starved: boolean;
  solver: SolverFault;
  /** What neither plant nor network shows, by the code of its alarm: what that is about. */
  readonly other: Map<string, readonly string[]>;
  /** At which job nodes stand. */
  readonly queue: FakeQueue;
  /** Data of the cloud's process; empty: it has none. */
  readonly folder: string;
}

/** Nothing is done yet. */
export const untouched = (folder = ''): Injected => ({
  silent: [],
  meters: {},
  storeDown: false,
  readOnly: false,
  cloudDown: false,
  starved: false,
  solver: 'none',
  other: new Map(),
  queue: new FakeQueue(),
  folder,
});

/** Commands as the device got them, the newest last, with those that stood within the last seconds. */
export interface Kept {
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
  /** As it is known. */
  readonly substation: RegionSubstation;
  /** As it was built. */
  readonly spec: PlantSpec;
  readonly plant: Plant;
  readonly truth: PlantTruth;
  readonly injected: Injected;
  /** The cloud hears the gateway. */
  readonly linked: boolean;
  /** Since when the gateway hears no heartbeat, s; 0: it does. */
  readonly unheardS: number;
  /** For how long a limit has been passed, or nearly so, on one side, s; 0: it is not. Of a single look: for ever. */
  pastS(limit: { readonly about: string; readonly side: 'high' | 'low' }): number;
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
