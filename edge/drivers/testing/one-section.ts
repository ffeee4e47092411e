import type { Network } from '../../../shared/grid/network.ts';
import { compileRadial, solveRadial } from '../../../shared/grid/radial.ts';

const feeder = (sourcePu: number): Network => ({
  format: 'loadstone-grid',
  version: 1,
  id: 'feeder',
  name: 'one section',
  baseMva: 1,
  topologyVersion: 0,
  buses: ['head', 'end'].map((id) => ({ id, nominalKv: 12.66 })),
  lines: [{ id: 'section', from: 'head', to: 'end', rOhm: 5, xOhm: 5 }],
  transformers: [],
  sources: [{ id: 'grid', bus: 'head', voltagePu: sourcePu }],
  loads: [],
  shunts: [],
  feeders: [],
});

/** Voltage at the end of a feeder with a device that follows its setpoint, from the power flow. */
export function voltageWith(consumedKw: number, absorbedKvar: number, sourcePu = 1): number {
  const grid = compileRadial(feeder(sourcePu));
  const end = grid.busIndex.get('end')!;
  const activePowerKw = new Float64Array(2);
  const reactivePowerKvar = new Float64Array(2);
  activePowerKw[end] = consumedKw;
  reactivePowerKvar[end] = absorbedKvar;
  return solveRadial(grid, { activePowerKw, reactivePowerKvar }).vmPu[end]!;
}
