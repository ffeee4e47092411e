import type { Sample } from '../../../shared/contracts/sample.ts';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MeterPoint, RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import { importMatpower } from '../../../shared/grid/matpower.ts';
import { compileRadial, solveRadial, type RadialGrid } from '../../../shared/grid/radial.ts';
import { gaussian, SeededRandom, type Random } from '../../../shared/ports/random.ts';

const case33bw = resolve(import.meta.dirname, '../../../simulators/data/grids/case33bw/case33bw.m');

const pvBuses = [18, 22, 25, 33];
const batteryBuses = [16, 30, 14];

/** A substation like those of the region: one transformer, a busbar, two case33bw feeders, DER on the first. */
export function testSubstation(): RegionSubstation {
  const { network } = importMatpower(readFileSync(case33bw, 'utf8'));
  const busOf = (feeder: number, bus: string): string => (bus === '1' ? 't-bb' : `t-${feeder}-b${bus}`);
  const feeders = [1, 2];
  const device = (type: RegionDevice['type'], id: string, bus: string): RegionDevice => ({
    id,
    type,
    name: id,
    bus,
    feeder: 't-1',
    connectionPoint: `${id}-cp`,
    authority: 'direct',
    chargeKw: 500,
    dischargeKw: 500,
    activePowerKw: 1500,
    maxReactiveKvar: 300,
  });
  const devices = [
    ...pvBuses.map((bus, at) => device('pv-inverter', `pv-${at + 1}`, `t-1-b${bus}`)),
    ...batteryBuses.map((bus, at) => device('battery', `battery-${at + 1}`, `t-1-b${bus}`)),
  ];
  const meter = (of: Partial<MeterPoint> & Pick<MeterPoint, 'device' | 'kind' | 'element'>): MeterPoint => ({
    errorPct: 0.25,
    intervalS: 1,
    ...of,
  });
  return {
    id: 't',
    name: 'Test',
    gateway: 't-01',
    latitude: 52,
    longitude: 5,
    timezone: 'Europe/Amsterdam',
    limits: { importKw: 8000, exportKw: 8000, vMinPu: 0.94, vMaxPu: 1.06 },
    network: {
      ...network,
      id: 't',
      buses: [
        { id: 't-hv', nominalKv: 110 },
        { id: 't-bb', nominalKv: 12.66 },
        ...feeders.flatMap((feeder) =>
          network.buses.slice(1).map((bus) => ({ id: busOf(feeder, bus.id), nominalKv: 12.66, feeder: `t-${feeder}` })),
        ),
      ],
      lines: feeders.flatMap((feeder) =>
        network.lines.map((line) => ({
          ...line,
          id: `t-${feeder}-${line.id}`,
          from: busOf(feeder, line.from),
          to: busOf(feeder, line.to),
          ratedKva: 4600,
        })),
      ),
      transformers: [
        {
          id: 't-t1',
          from: 't-hv',
          to: 't-bb',
          ratedKva: 8000,
          ratedFromKv: 110,
          ratedToKv: 12.66,
          rOhm: 0.12,
          xOhm: 2,
          ironKw: 7.5,
          tapPosition: 0,
          tapMin: -8,
          tapMax: 8,
          tapStepPct: 1.25,
        },
      ],
      sources: [{ id: 't-source', bus: 't-hv', voltagePu: 1.02 }],
      loads: feeders.flatMap((feeder) =>
        network.loads.map((load) => ({ ...load, id: `t-${feeder}-${load.id}`, bus: busOf(feeder, load.bus) })),
      ),
      feeders: feeders.map((feeder) => ({
        id: `t-${feeder}`,
        name: `Feeder ${feeder}`,
        headBranch: `t-${feeder}-l1`,
        headBus: `t-${feeder}-b2`,
      })),
    },
    devices,
    meters: [
      meter({ device: 'transformer', kind: 'transformer', element: 't-t1' }),
      ...feeders.map((feeder) =>
        meter({ device: `feeder-${feeder}`, kind: 'feeder-head', element: `t-${feeder}-l1`, feeder: `t-${feeder}` }),
      ),
      ...devices.map(({ id, bus }) => meter({ device: id, kind: 'terminal', element: bus, intervalS: 10 })),
      meter({ device: 'station-2-b18', kind: 'station', element: 't-2-b18', intervalS: 600 }),
    ],
  };
}

export interface Truth {
  readonly grid: RadialGrid;
  readonly vmPu: Float64Array;
  readonly transformerKw: number;
  readonly headsKw: readonly number[];
  readonly restKw: number;
  readonly readings: Map<string, Record<string, Sample>>;
}

/** The truth behind one set of readings: every load off by 50 %, sun and batteries active, 1,500 kW of something at the busbar. */
export function drawTruth(substation: RegionSubstation, seed: number, time: number): Truth {
  const random = new SeededRandom(seed, 'estimate');
  const grid = compileRadial(substation.network);
  const kw = grid.nominalKw.map((value) => value * (0.5 + 0.25 * gaussian(random)));
  const kvar = grid.nominalKvar.map((value) => value * (0.5 + 0.25 * gaussian(random)));
  const restKw = -1500 + 500 * gaussian(random);
  const busbar = grid.busIndex.get('t-bb')!;
  kw[busbar]! += restKw;
  const device = new Map<string, { kw: number; kvar: number; bus: number }>();
  for (const { id, type, bus } of substation.devices) {
    const power = type === 'battery' ? 1000 * (random.next() - 0.5) : -900 * random.next();
    const at = grid.busIndex.get(bus)!;
    device.set(id, { kw: power, kvar: 100 * (random.next() - 0.5), bus: at });
    kw[at]! += power;
    kvar[at]! += device.get(id)!.kvar;
  }
  const solution = solveRadial(grid, { activePowerKw: kw, reactivePowerKvar: kvar });
  const readings = new Map<string, Record<string, Sample>>();
  const heads = ['t-1-l1', 't-2-l1'].map((id) => grid.branchIndex.get(id)!);
  const transformer = grid.branchIndex.get('t-t1')!;
  const read = (of: string, power: { kw?: number; kvar?: number; pu: number }): void => {
    const reading = (value: number, pct: number): Sample => ({
      value: noisy(value, pct, random),
      quality: 'good',
      origin: 'measured',
      time,
    });
    readings.set(of, {
      ...(power.kw === undefined ? {} : { activePowerKw: reading(power.kw, 0.25) }),
      ...(power.kvar === undefined ? {} : { reactivePowerKvar: reading(power.kvar, 0.25) }),
      voltagePu: reading(power.pu, 0.125),
    });
  };
  const transformerKw = -solution.toKw[transformer]!;
  read('transformer', { kw: transformerKw, kvar: -solution.toKvar[transformer]!, pu: solution.vmPu[busbar]! });
  for (const [at, head] of heads.entries())
    read(`feeder-${at + 1}`, {
      kw: solution.fromKw[head]!,
      kvar: solution.fromKvar[head]!,
      pu: solution.vmPu[busbar]!,
    });
  for (const [id, each] of device) read(id, { kw: each.kw, kvar: each.kvar, pu: solution.vmPu[each.bus]! });
  read('station-2-b18', { pu: solution.vmPu[grid.busIndex.get('t-2-b18')!]! });
  for (const meter of substation.meters) {
    if (meter.kind !== 'station' || readings.has(meter.device)) continue;
    const at = grid.busIndex.get(meter.element)!;
    read(meter.device, { pu: solution.vmPu[at]! });
  }
  return {
    grid,
    vmPu: solution.vmPu,
    transformerKw,
    headsKw: heads.map((head) => solution.fromKw[head]!),
    restKw,
    readings,
  };
}

const noisy = (value: number, pct: number, random: Random): number => value * (1 + (pct / 100) * gaussian(random));
