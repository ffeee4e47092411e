import type { Sample } from '../../shared/contracts/sample.ts';
import { compileEstimate, type Readings } from '../../cloud/estimate/estimate.ts';
import type { MeterPoint, RegionSubstation } from '../../shared/contracts/region.ts';
import { compileRadial, solveRadial } from '../../shared/grid/radial.ts';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { buildSubstation } from '../region/region.ts';
import { VoltageErrors } from './estimate-errors.ts';

const time = Date.UTC(2021, 8, 25, 12);
/** Lower bound of a DER's power over its rating. */
const DER_LEAST = -1;

/**
 * case33bw without model error, one moment at a time: every load off by 50 %, readings exact to the class of the meters. Measures the heads
 * alone, then also the terminals of the seven DER of feeder 1, which is the figure that counts.
 */
export function snapshots(metered: 'heads' | 'terminals', count: number): ReturnType<VoltageErrors['result']> {
  const substation = onlyFirstFeeder(buildSubstation('owd'), metered);
  const model = compileEstimate(substation, undefined, 0);
  const errors = new VoltageErrors();
  for (let seed = 1; seed <= count; seed++) {
    const { readings, truth } = draw(substation, seed);
    errors.add(model, { time, readings, findings: [] }, truth);
  }
  return errors.result();
}

function onlyFirstFeeder(substation: RegionSubstation, metered: 'heads' | 'terminals'): RegionSubstation {
  const { network } = substation;
  const [first] = network.feeders;
  const mine = (each: { readonly feeder?: string | undefined }): boolean => each.feeder === first!.id;
  const buses = network.buses.filter((bus) => bus.feeder === undefined || mine(bus));
  const ids = new Set(buses.map(({ id }) => id));
  return {
    ...substation,
    network: {
      ...network,
      buses,
      lines: network.lines.filter(({ to, from }) => ids.has(to) && ids.has(from)),
      loads: network.loads.filter(({ bus }) => ids.has(bus)),
      feeders: [first!],
    },
    devices: metered === 'heads' ? [] : substation.devices.filter(mine),
    meters: substation.meters.filter(
      (meter) =>
        meter.kind === 'transformer' ||
        (meter.kind === 'feeder-head' && mine(meter)) ||
        (meter.kind === 'terminal' && metered === 'terminals' && mine(meter)),
    ),
  };
}

function draw(substation: RegionSubstation, seed: number): { readings: Readings; truth: ReadonlyMap<string, number> } {
  const random = new SeededRandom(seed, 'bench/estimate');
  const grid = compileRadial(substation.network);
  const off = grid.nominalKw.map(() => Math.max(0, 1 + 0.5 * gaussian(random)));
  const kw = grid.nominalKw.map((value, bus) => value * off[bus]!);
  const kvar = grid.nominalKvar.map((value, bus) => value * off[bus]!);
  const powers = new Map(
    substation.devices.map(({ id, bus, activePowerKw, dischargeKw = 0, chargeKw = 0 }) => {
      const span = activePowerKw ?? dischargeKw + chargeKw;
      const least = activePowerKw === undefined ? -dischargeKw : DER_LEAST * activePowerKw;
      const power = least + span * random.next();
      kw[grid.busIndex.get(bus)!]! += power;
      return [id, power] as const;
    }),
  );
  const { vmPu, fromKw, fromKvar, toKw, toKvar } = solveRadial(grid, { activePowerKw: kw, reactivePowerKvar: kvar });
  const truthOf = (meter: MeterPoint): readonly [number, number, number] => {
    const branch = grid.branchIndex.get(meter.element) ?? -1;
    const bus = grid.busIndex.get(meter.element) ?? grid.branchToBus[grid.transformers[0]!.branch]!;
    if (meter.kind === 'transformer') return [-toKw[branch]!, -toKvar[branch]!, vmPu[bus]!];
    if (meter.kind === 'feeder-head') return [fromKw[branch]!, fromKvar[branch]!, vmPu[bus]!];
    return [powers.get(meter.device)!, 0, vmPu[bus]!];
  };
  const read = (value: number, errorPct: number): Sample => ({
    value: value * (1 + (errorPct / 100) * gaussian(random)),
    quality: 'good',
    origin: 'measured',
    time,
  });
  const readings = new Map(
    substation.meters.map((meter) => {
      const [p, q, pu] = truthOf(meter);
      const { errorPct } = meter;
      return [
        meter.device,
        { activePowerKw: read(p, errorPct), reactivePowerKvar: read(q, errorPct), voltagePu: read(pu, errorPct / 2) },
      ] as const;
    }),
  );
  return { readings, truth: new Map(grid.busIds.map((id, bus) => [id, vmPu[bus]!])) };
}
