import { FakeQueue } from '../../cloud/task-queue/testing/fake-queue.ts';
import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { MeterFault, PlantSpec } from '../plant/spec.ts';
import type { PlantTruth } from '../plant/truth.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';

/** What happens to calls of the solver. `aborts`: the plan found so far is kept. */
export type SolverFault = 'none' | 'throws' | 'aborts';

/** What a scenario has done to the substation of its world. Nothing in that world knows of it. */
export interface Injected {
  /** Devices and meters that no longer answer. */
  silent: readonly string[];
  /** Meter faults, which the plant applies. */
  readonly meters: Record<string, MeterFault>;
  storeDown: boolean;
  /** The medium of the cloud's state refuses writes. */
  readOnly: boolean;
  cloudDown: boolean;
  starved: boolean;
  solver: SolverFault;
  /** Conditions that neither plant nor network shows: subjects by alarm code. */
  readonly other: Map<string, readonly string[]>;
  /** The queue that the job nodes use. */
  readonly queue: FakeQueue;
  /** Data folder of the cloud's process; empty if there is none. */
  readonly folder: string;
}

/** A world without changes. */
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

/** Commands as the device received them, newest last, including those in force within the last seconds. */
export interface CommandHistory {
  readonly stood: readonly { readonly command: DeviceCommand; readonly sinceS: number }[];
  /** Until when the device holds the newest command, s since the start. */
  readonly untilS: number;
}

/** Time that a device may take to hold a command, s. */
export const TAKES_S = 5;

/** The complete truth at one second of a scenario. */
export interface Moment {
  readonly atS: number;
  readonly gateway: string;
  /** As described to the cloud. */
  readonly substation: RegionSubstation;
  /** As built. */
  readonly spec: PlantSpec;
  readonly plant: Plant;
  readonly truth: PlantTruth;
  readonly injected: Injected;
  /** The cloud hears the gateway. */
  readonly linked: boolean;
  /** Time without a heartbeat at the gateway, s; 0 while it hears one. */
  readonly unheardS: number;
  /** How long a limit has been exceeded, or nearly so, on one side, s; 0 if it is not. Infinite if only one moment is known. */
  pastS(limit: { readonly about: string; readonly side: 'high' | 'low' }): number;
  /** Power that the newest plan asks of a device, kW of consumption; a device that it leaves free is missing. */
  readonly plannedKw: ReadonlyMap<string, number>;
  /** Commands that each device still holds. */
  readonly commands: ReadonlyMap<string, CommandHistory>;
}

/** Devices and station meters behind the head of a feeder. */
export const behind = ({ devices, meters }: RegionSubstation, feeder: string): string[] => [
  ...devices.filter((each) => each.feeder === feeder).map(({ id }) => id),
  ...meters
    .filter(({ kind, element }) => kind === 'station' && element.startsWith(`${feeder}-`))
    .map(({ device }) => device),
];
