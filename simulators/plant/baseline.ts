import { createWorkspace, solveRadial, type RadialGrid } from '../../shared/grid/radial.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { EvSite } from './ev-site.ts';
import { flexBaseKw } from './flexible-load.ts';
import type { BusLoads } from './loads.ts';
import type { PlantSpec } from './spec.ts';

/** Ratio of reactive to active power of the residual: load absorbs, generation absorbs less. */
const REST_TAN = { load: 0.05, generation: -0.03 };

export const restKvar = (restKw: number): number => restKw * (restKw > 0 ? REST_TAN.load : REST_TAN.generation);

/**
 * The residual: one uncontrolled plant at the busbar. It is sized so that the transformer's net power without any control follows the
 * record. Changes made by controllers are not absorbed.
 */
export class Baseline {
  readonly #spec: PlantSpec;
  readonly #grid: RadialGrid;
  readonly #loads: BusLoads;
  readonly #restKw: Float64Array;
  readonly #evKw: ReadonlyMap<string, Float64Array>;
  readonly #work: ReturnType<typeof createWorkspace>;
  readonly #p: Float64Array;
  readonly #q: Float64Array;
  readonly #transformer: number;
  readonly #busbar: number;

  constructor(spec: PlantSpec, seed: number, parts: { readonly grid: RadialGrid; readonly loads: BusLoads }) {
    this.#spec = spec;
    this.#grid = parts.grid;
    this.#loads = parts.loads;
    this.#restKw = new Float64Array(spec.inputs.count).fill(NaN);
    this.#work = createWorkspace(parts.grid);
    this.#p = new Float64Array(parts.grid.busIds.length);
    this.#q = new Float64Array(parts.grid.busIds.length);
    const transformer = spec.network.transformers[0]!;
    this.#transformer = parts.grid.branchIndex.get(transformer.id)!;
    this.#busbar = parts.grid.busIndex.get(transformer.to)!;
    this.#evKw = uncontrolledEv(spec, seed);
  }

  /** Mean power of the residual in the interval `index`, kW. */
  restKw(index: number): number {
    const known = this.#restKw[index]!;
    if (!Number.isNaN(known)) return known;
    const { inputs, devices } = this.#spec;
    const p = this.#p.fill(0);
    const q = this.#q.fill(0);
    this.#loads.addMean(index, p, q);
    const middleMs = inputs.startMs + (index + 0.5) * inputs.stepMs;
    for (const device of devices) {
      const bus = this.#grid.busIndex.get(device.bus)!;
      if (device.type === 'pv-inverter') p[bus]! -= device.ratedKw * Math.min(1, inputs.sun[index]!);
      if (device.type === 'flexible-load') p[bus]! += flexBaseKw(device, middleMs);
      if (device.type === 'ev-site') p[bus]! += this.#evKw.get(device.id)![index]!;
    }
    const behind = p.reduce((sum, kw) => sum + kw, 0);
    const wanted = inputs.netKw[index]!;
    const first = wanted - behind;
    p[this.#busbar]! += first;
    q[this.#busbar]! += restKvar(first);
    const solution = solveRadial(this.#grid, { activePowerKw: p, reactivePowerKvar: q }, this.#work, {
      tolerancePu: 1e-8,
    });
    const lossesKw = solution.converged ? -solution.toKw[this.#transformer]! - wanted : 0;
    return (this.#restKw[index] = first - lossesKw);
  }
}

function uncontrolledEv(spec: PlantSpec, seed: number): Map<string, Float64Array> {
  const { startMs, stepMs, count } = spec.inputs;
  const random = new SeededRandom(0);
  return new Map(
    spec.devices.flatMap((device) => {
      if (device.type !== 'ev-site') return [];
      const site = new EvSite(device, seed, startMs);
      const power = new Float64Array(count);
      for (let index = 0; index < count; index++) {
        site.step({
          timeMs: startMs + (index + 1) * stepMs,
          dtS: stepMs / 1000,
          voltagePu: 1,
          sun: 0,
          random,
        });
        power[index] = site.activePowerKw;
      }
      return [[device.id, power]];
    }),
  );
}
