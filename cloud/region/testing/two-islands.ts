import type { Network } from '../../../shared/grid/network.ts';
import type { SubstationParts } from '../compose.ts';
import { gatewayFile } from '../gateway-file.ts';
import type { NamedPlan } from '../plan.ts';

const line = (id: string, from: string, to: string, closed = true) => ({ id, from, to, rOhm: 0.1, xOhm: 0.1, closed });
const transformer = (id: string, to: string) => ({
  id,
  from: 'hv',
  to,
  ratedKva: 10_000,
  ratedFromKv: 110,
  ratedToKv: 10,
  rOhm: 0.05,
  xOhm: 0.8,
});
const load = (bus: string) => ({ id: `load-${bus}`, bus, activePowerKw: 100, reactivePowerKvar: 20 });

/** One file with two transformers: two feeders behind one, one feeder behind the other, and an open tie between the islands. */
export const twoIslands: Network = {
  format: 'loadstone-grid',
  version: 1,
  id: 'two-islands',
  name: 'Two islands',
  baseMva: 10,
  topologyVersion: 1,
  buses: [
    { id: 'hv', nominalKv: 110 },
    ...['east', 'a1', 'a2', 'b1', 'b2', 'west', 'c1', 'c2'].map((id) => ({ id, nominalKv: 10 })),
  ],
  lines: [
    line('l-a1', 'east', 'a1'),
    line('l-a2', 'a1', 'a2'),
    line('l-b1', 'east', 'b1'),
    line('l-b2', 'b1', 'b2'),
    line('l-c1', 'west', 'c1'),
    line('l-c2', 'c1', 'c2'),
    line('tie', 'a2', 'c2', false),
    line('tie-own', 'a2', 'b2', false),
  ],
  transformers: [transformer('t-east', 'east'), transformer('t-west', 'west')],
  loads: ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'].map(load),
  shunts: [],
  sources: [{ id: 'grid', bus: 'hv', voltagePu: 1, angleDeg: 0 }],
  feeders: [],
};

const gateway = (substation: string, heads: number, group = 'north', feeder = ''): SubstationParts => ({
  network: twoIslands,
  gateway: gatewayFile(
    `gateway: { id: ${substation}-01, group: ${group}, substation: ${substation} }
guarded: [{ id: transformer }${Array.from({ length: heads }, (_, at) => `, { id: feeder-${at + 1} }`).join('')}]
devices:
  - { id: battery-1, type: battery, ${feeder}ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }, safeDefault: { activePowerKw: 0 } }
`,
    `${substation}.yaml`,
  ),
});

export interface Impossible {
  readonly plan: NamedPlan;
  readonly parts: readonly SubstationParts[];
  /** What the error must say. */
  readonly says: RegExp;
}

const east: NamedPlan['substations'][number] = {
  id: 'east',
  name: 'East',
  network: 'net.json',
  gateway: 'east.yaml',
  transformer: 't-east',
  feeders: [
    { guarded: 'feeder-1', headBranch: 'l-a1' },
    { guarded: 'feeder-2', headBranch: 'l-b1' },
  ],
  devices: { 'battery-1': { bus: 'a2' } },
};
const west: NamedPlan['substations'][number] = {
  ...east,
  id: 'west',
  name: 'West',
  gateway: 'west.yaml',
  transformer: 't-west',
  feeders: [{ guarded: 'feeder-1', headBranch: 'l-c1' }],
  devices: { 'battery-1': { bus: 'c2' } },
};
const planOf = (...substations: NamedPlan['substations']): NamedPlan => ({
  id: 'north',
  name: 'Region North',
  timezone: 'Europe/Amsterdam',
  limits: { importKw: 20_000, exportKw: 20_000 },
  profile: 'dso',
  substations,
});

/** A plan without faults. */
export const possible: Omit<Impossible, 'says'> = {
  plan: planOf(east, west),
  parts: [gateway('east', 2), gateway('west', 1)],
};

/** Plans whose parts do not belong together. */
export const impossible: Readonly<Record<string, Impossible>> = {
  "a battery at a bus on the other transformer's island": {
    plan: planOf({ ...east, devices: { 'battery-1': { bus: 'c1' } } }),
    parts: [gateway('east', 2)],
    says: /substation east: devices\.battery-1\.bus: c1 .*t-west.*t-east/,
  },
  "a feeder head on another substation's busbar": {
    plan: planOf({ ...east, feeders: [...east.feeders, { guarded: 'feeder-3', headBranch: 'l-c1' }] }, west),
    parts: [gateway('east', 3), gateway('west', 1)],
    says: /substation east: feeders\[2\]\.headBranch: l-c1 .*t-west/,
  },
  'one transformer for two substations': {
    plan: planOf(east, { ...east, id: 'west', gateway: 'west.yaml' }),
    parts: [gateway('east', 2), gateway('west', 2)],
    says: /substation west: transformer: t-east .*substation east/,
  },
  'two outgoing lines with one metered': {
    plan: planOf({ ...east, feeders: [east.feeders[0]!] }),
    parts: [gateway('east', 1)],
    says: /substation east: feeders: l-b1 also leaves busbar east/,
  },
  'a device at a bus behind another feeder than the file says': {
    plan: planOf(east),
    parts: [gateway('east', 2, 'north', 'feeder: feeder-2, ')],
    says: /substation east: devices\.battery-1\.bus: a2 is behind feeder-1.*says feeder-2/,
  },
  'a group that is not the region': {
    plan: planOf(east),
    parts: [gateway('east', 2, 'south')],
    says: /substation east: gateway\.group .*south.*north/,
  },
};
