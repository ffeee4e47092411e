import type { Sample } from '../../../shared/contracts/sample.ts';
import type { MeterPoint, RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { Line, Load } from '../../../shared/grid/network.ts';
import { compileRadial, solveRadial } from '../../../shared/grid/radial.ts';
import { gaussian, SeededRandom, type Random } from '../../../shared/ports/random.ts';

/** How a drawn substation is metered. */
export interface Metered {
  /** Standard error of a reading, % of reading. */
  readonly errorPct: number;
  /** Share of the loads with a station. */
  readonly stations: number;
}

/** A random substation: one transformer, one to three feeders, each a random tree of 3 to 14 buses with a device or two. */
export function randomSubstation(seed: number, { errorPct, stations }: Metered): RegionSubstation {
  const random = new SeededRandom(seed, 'substation');
  const feeders = Array.from({ length: 1 + Math.floor(3 * random.next()) }, (_, at) => at + 1);
  const lines: Line[] = [];
  const loads: Load[] = [];
  const devices: RegionDevice[] = [];
  const buses = [
    { id: 'hv', nominalKv: 110 },
    { id: 'bb', nominalKv: 11 },
  ];
  const meters: MeterPoint[] = [{ device: 'transformer', kind: 'transformer', element: 't1', errorPct, intervalS: 1 }];
  for (const feeder of feeders) {
    const size = 3 + Math.floor(12 * random.next());
    const name = (bus: number): string => (bus === 0 ? 'bb' : `f${feeder}-b${bus}`);
    meters.push({ device: `feeder-${feeder}`, kind: 'feeder-head', element: `f${feeder}-l1`, errorPct, intervalS: 1 });
    for (let bus = 1; bus <= size; bus++) {
      buses.push({ id: name(bus), nominalKv: 11 });
      lines.push({
        id: `f${feeder}-l${bus}`,
        from: name(bus === 1 ? 0 : 1 + Math.floor((bus - 1) * random.next())),
        to: name(bus),
        rOhm: 0.1 + 0.5 * random.next(),
        xOhm: 0.05 + 0.3 * random.next(),
      });
      const kw = 50 + 150 * random.next();
      loads.push({ id: `f${feeder}-load${bus}`, bus: name(bus), activePowerKw: kw, reactivePowerKvar: kw * 0.4 });
      if (random.next() < stations)
        meters.push({
          device: `station-${feeder}-${bus}`,
          kind: 'station',
          element: name(bus),
          errorPct,
          intervalS: 60,
        });
    }
    for (const type of ['pv-inverter', 'battery'] as const) {
      const bus = name(1 + Math.floor(size * random.next()));
      const id = `${type}-${feeder}`;
      const rating = { chargeKw: 300, dischargeKw: 300, activePowerKw: 600, maxReactiveKvar: 200 };
      devices.push({
        id,
        type,
        name: id,
        bus,
        feeder: `f${feeder}`,
        connectionPoint: `${id}-cp`,
        authority: 'direct',
        ...rating,
      });
      meters.push({ device: id, kind: 'terminal', element: bus, errorPct, intervalS: 10 });
    }
  }
  return {
    id: 'r',
    name: 'Random',
    gateway: 'r-01',
    latitude: 52,
    longitude: 5,
    timezone: 'Europe/Amsterdam',
    limits: { importKw: 8000, exportKw: 8000, vMinPu: 0.9, vMaxPu: 1.1 },
    network: {
      format: 'loadstone-grid',
      version: 1,
      id: 'r',
      name: 'Random',
      baseMva: 10,
      topologyVersion: 1,
      buses,
      lines,
      transformers: [
        {
          id: 't1',
          from: 'hv',
          to: 'bb',
          ratedKva: 8000,
          ratedFromKv: 110,
          ratedToKv: 11,
          rOhm: 0.1,
          xOhm: 1.5,
          tapPosition: 0,
          tapMin: -8,
          tapMax: 8,
          tapStepPct: 1.25,
        },
      ],
      sources: [{ id: 'source', bus: 'hv', voltagePu: 1.02 }],
      loads,
      shunts: [],
      feeders: feeders.map((feeder) => ({
        id: `f${feeder}`,
        name: `Feeder ${feeder}`,
        headBranch: `f${feeder}-l1`,
        headBus: `f${feeder}-b1`,
      })),
    },
    devices,
    meters,
  };
}

export interface DrawnState {
  readonly readings: ReadonlyMap<string, Partial<Record<'activePowerKw' | 'reactivePowerKvar' | 'voltagePu', Sample>>>;
  readonly voltagePu: Float64Array;
}

/** A random state, every load off by 50 %, and what the meters show of it: with their errors, or exactly. */
export function drawState(
  substation: RegionSubstation,
  { seed, time, exact }: { readonly seed: number; readonly time: number; readonly exact: boolean },
): DrawnState {
  const random = new SeededRandom(seed, 'state');
  const grid = compileRadial(substation.network);
  const level = 0.3 + 0.5 * random.next();
  const kw = grid.nominalKw.map((value) => value * level * Math.max(0, 1 + 0.5 * gaussian(random)));
  const kvar = kw.map((value) => 0.4 * value);
  const restKw = 2000 * (random.next() - 0.5);
  kw[grid.busIndex.get('bb')!]! += restKw;
  const powers = new Map(
    substation.devices.map(({ id, type, bus }) => {
      const power = type === 'battery' ? 600 * (random.next() - 0.5) : -600 * random.next();
      const reactive = 200 * (random.next() - 0.5);
      kw[grid.busIndex.get(bus)!]! += power;
      kvar[grid.busIndex.get(bus)!]! += reactive;
      return [id, [power, reactive]] as const;
    }),
  );
  const solution = solveRadial(grid, {
    activePowerKw: kw,
    reactivePowerKvar: kvar,
    sourceVoltagePu: 1.0 + 0.04 * random.next(),
  });
  const truthOf = (meter: MeterPoint): readonly [number, number, number] => {
    const branch = grid.branchIndex.get(meter.element) ?? -1;
    const bus = grid.busIndex.get(meter.element) ?? grid.busIndex.get('bb')!;
    const pu = solution.vmPu[bus]!;
    switch (meter.kind) {
      case 'transformer':
        return [-solution.toKw[branch]!, -solution.toKvar[branch]!, pu];
      case 'feeder-head':
        return [solution.fromKw[branch]!, solution.fromKvar[branch]!, pu];
      case 'station':
        return [kw[bus]!, kvar[bus]!, pu];
      case 'terminal':
        return [...powers.get(meter.device)!, pu] as [number, number, number];
    }
  };
  const readings = new Map(
    substation.meters.map((meter) => {
      const read = (value: number, share: number): Sample => ({
        value: exact ? value : noisy(value, share * meter.errorPct, random),
        quality: 'good',
        origin: 'measured',
        time,
      });
      const [p, q, pu] = truthOf(meter);
      return [
        meter.device,
        { activePowerKw: read(p, 1), reactivePowerKvar: read(q, 1), voltagePu: read(pu, 0.5) },
      ] as const;
    }),
  );
  return { readings, voltagePu: Float64Array.from(solution.vmPu) };
}

const noisy = (value: number, pct: number, random: Random): number => value * (1 + (pct / 100) * gaussian(random));
