import type { RegionSim } from '../sim/region-sim.ts';
import type { Tell } from './command-watch.ts';

/** Longest time that a limit may be exceeded while devices could relieve it: guard, ramp, access network, and reverting devices. */
const RELIEF_S = 45;
/** Tolerance for meter errors: a limit counts as exceeded above this share of it. */
const PASSED = 1.02;
/** A battery counts as able to help if it has more than this left, kW and %. */
const SPARE_KW = 10;
const SPARE_SOC_PCT = 3;

/** Checks the true grid: an import limit may stay exceeded only if no device is left that could relieve it. */
export class GridWatch {
  readonly #sim: RegionSim;
  readonly #tell: Tell;
  readonly #passedS = new Map<string, number>();
  /** Longest time that a limit was exceeded with relief available, s. */
  longestS = 0;

  constructor(sim: RegionSim, tell: Tell) {
    this.#sim = sim;
    this.#tell = tell;
  }

  /** Runs after each step; `excused` is true for a gateway that is dead or cut off from its devices. */
  step(stepS: number, excused: (gateway: number) => boolean): void {
    for (const [at, plant] of this.#sim.plant.plants.entries()) {
      const truth = plant.truth();
      const substation = this.#sim.region.substations[at]!;
      for (const { feeder, importKw } of substation.heads ?? []) {
        const head = truth.feeders.find(({ id }) => id === feeder)!;
        const spare = substation.devices.some((device) => {
          if (device.type !== 'battery' || device.feeder !== feeder) return false;
          const now = truth.devices.find(({ id }) => id === device.id)!;
          const socPct = now.values['socPct'] ?? 0;
          return (
            now.activePowerKw > -(device.dischargeKw ?? 0) + SPARE_KW &&
            socPct > (device.socMinPct ?? 0) + SPARE_SOC_PCT &&
            now.voltagePu < substation.limits.vMaxPu - 0.01
          );
        });
        const passed = head.activePowerKw > importKw * PASSED && spare && !excused(at);
        const forS = passed ? (this.#passedS.get(feeder) ?? 0) + stepS : 0;
        this.#passedS.set(feeder, forS);
        this.longestS = Math.max(this.longestS, forS);
        if (forS > RELIEF_S && forS <= RELIEF_S + stepS)
          this.#tell(
            'guard',
            `${feeder} takes ${head.activePowerKw.toFixed(0)} kW of ${importKw} kW for ${forS} s while a battery could help`,
          );
      }
    }
  }
}
