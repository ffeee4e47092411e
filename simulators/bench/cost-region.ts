import { estimateInline } from '../../cloud/estimate/compose-compute.ts';
import { dispatchInline } from '../../cloud/plan/compose-compute.ts';
import { horizonAt } from '../../cloud/plan/planner.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { Compute, TaskTable } from '../../shared/ports/compute.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { faultyStore } from '../simulate/faulty-store.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';

const HOUR_MS = 3_600_000;
/** By then the plans of the start are done. */
const SETTLED_S = 600;
/** The defaults of a gateway's configuration. */
const REPORTS = { deadbandPct: 1, minIntervalS: 1, maxIntervalS: 60, healthMs: 5000 };

/** Load that one gateway puts on a cloud, and the CPU time of its plans and estimates. */
export interface RegionFigures {
  /** Description of the run, in words. */
  readonly what: string;
  readonly framesPerS: number;
  readonly pointsPerS: number;
  readonly planCpuS: number;
  readonly plansPer5Min: number;
  readonly estimateCpuMs: number;
  readonly seconds: number;
}

export interface RegionCostOptions {
  /** Hours of the day at which each run begins, UTC. */
  readonly hours: readonly number[];
  /** Plant seconds of each run. */
  readonly seconds: number;
  readonly estimateEveryS: number;
  readonly dispatchEveryS: number;
  readonly say: (line: string) => void;
}

/**
 * Runs one substation with its gateway and the cloud on virtual time, with plant, noise and dead bands; a plan is made when something
 * moved.
 */
export async function measureRegion(options: RegionCostOptions): Promise<RegionFigures> {
  const region = buildRegion(['owd']);
  const looks: Look[] = [];
  for (const hour of options.hours) {
    options.say(`a substation for ${options.seconds} s of plant time from ${hour}:00 UTC ...`);
    looks.push(await lookAt(region, hour, options));
  }
  const sum = (of: (look: Look) => number): number => looks.reduce((all, look) => all + of(look), 0);
  const seconds = looks.length * options.seconds;
  const [{ devices, meters }] = region.substations as [RegionSubstation];
  return {
    what: `a substation of ${devices.length} devices and ${meters.length} meters on virtual time, ${seconds} s, with default report settings`,
    framesPerS: sum(({ frames }) => frames) / seconds,
    pointsPerS: sum(({ points }) => points) / seconds,
    planCpuS: sum(({ plans }) => plans.cpuMs) / sum(({ plans }) => plans.calls) / 1000,
    plansPer5Min: (sum(({ plans }) => plans.calls) * 300) / seconds,
    estimateCpuMs: sum(({ estimates }) => estimates.cpuMs) / sum(({ estimates }) => estimates.calls),
    seconds,
  };
}

interface Work {
  readonly calls: number;
  readonly cpuMs: number;
}

interface Look {
  readonly frames: number;
  readonly points: number;
  readonly plans: Work;
  readonly estimates: Work;
}

async function lookAt(region: Region, hour: number, options: RegionCostOptions): Promise<Look> {
  const { seconds, estimateEveryS, dispatchEveryS } = options;
  const optimising = new TimedCompute(dispatchInline());
  const estimating = new TimedCompute(estimateInline(region));
  let points = 0;
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    startMs: plantStartMs + hour * HOUR_MS,
    stepS: 1,
    estimateEveryS,
    dispatchEveryS,
    planStepsS: horizonAt(1),
    train: [],
    history: true,
    reports: REPORTS,
    world: { specs: plantSpecs(['owd']), region },
    optimising,
    estimating,
    faultyStore: (inner) => {
      const store = faultyStore(inner, { down: false, flakyShare: 0 }, new SeededRandom(1));
      return {
        ...store,
        write: (some) => {
          points += some.length;
          return store.write(some);
        },
      };
    },
  });
  await sim.start();
  try {
    await sim.run(SETTLED_S);
    const before = { frames: sim.cloud.ingest.counts().frames, points };
    for (const each of [optimising, estimating]) each.reset();
    await sim.run(seconds);
    return {
      frames: sim.cloud.ingest.counts().frames - before.frames,
      points: points - before.points,
      plans: optimising.work(),
      estimates: estimating.work(),
    };
  } finally {
    await sim.stop();
  }
}

/** Measures the CPU time that tasks take on this thread. */
class TimedCompute<Tasks extends TaskTable> implements Compute<Tasks> {
  readonly #inner: Compute<Tasks>;
  #calls = 0;
  #cpuMs = 0;

  constructor(inner: Compute<Tasks>) {
    this.#inner = inner;
  }

  run: Compute<Tasks>['run'] = (name, input) => {
    const from = process.threadCpuUsage();
    return this.#inner.run(name, input).finally(() => {
      const { user, system } = process.threadCpuUsage(from);
      this.#calls++;
      this.#cpuMs += (user + system) / 1000;
    });
  };

  close(): Promise<void> {
    return this.#inner.close();
  }

  reset(): void {
    this.#calls = 0;
    this.#cpuMs = 0;
  }

  work(): Work {
    return { calls: this.#calls, cpuMs: this.#cpuMs };
  }
}
