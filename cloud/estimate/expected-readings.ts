import type { MeterPoint, RegionSubstation } from '../../shared/contracts/region.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import { compileRadial, solveRadial } from '../../shared/grid/radial.ts';
import type { Readings } from './readings.ts';

/** Share of its nominal value at which each load is assumed. */
const LOAD = 0.5;

/** What the meters of a substation would read at half of the nominal load, with all devices at rest. */
export function expectedReadings({ network, meters }: RegionSubstation, time: number): Readings {
  const grid = compileRadial(network);
  const kw = grid.nominalKw.map((value) => LOAD * value);
  const kvar = grid.nominalKvar.map((value) => LOAD * value);
  const solution = solveRadial(grid, { activePowerKw: kw, reactivePowerKvar: kvar });
  const busbar = grid.branchToBus[grid.transformers[0]?.branch ?? 0]!;
  const reads = ({ kind, element }: MeterPoint): readonly [number, number, number] => {
    const branch = grid.branchIndex.get(element) ?? 0;
    const bus = grid.busIndex.get(element) ?? busbar;
    const pu = solution.vmPu[bus]!;
    switch (kind) {
      case 'transformer':
        return [-solution.toKw[branch]!, -solution.toKvar[branch]!, pu];
      case 'feeder-head':
        return grid.branchFromBus[branch] === busbar
          ? [solution.fromKw[branch]!, solution.fromKvar[branch]!, pu]
          : [solution.toKw[branch]!, solution.toKvar[branch]!, pu];
      case 'station':
        return [kw[bus]!, kvar[bus]!, pu];
      case 'terminal':
        return [0, 0, pu];
    }
  };
  const sample = (value: number): Sample => ({ value, quality: 'good', origin: 'measured', time });
  return new Map(
    meters.map((meter) => {
      const [p, q, pu] = reads(meter);
      return [meter.device, { activePowerKw: sample(p), reactivePowerKvar: sample(q), voltagePu: sample(pu) }];
    }),
  );
}
