import type { IncidentView } from '../../../shared/contracts/incident.ts';
import { plantSpecs } from '../../region/inputs.ts';
import { buildRegion } from '../../region/region.ts';
import { RegionSim } from '../../sim/region-sim.ts';
import { Trace } from '../../sim/trace.ts';

export const FEEDER = 'hfdp-2';
const BEFORE_S = 300;
const SPIKE_S = 300;

/** State of the plant at one second. */
interface Second {
  readonly at: number;
  readonly headKw: number;
  readonly transformerKw: number;
  /** Power of each device, kW. */
  readonly devices: ReadonlyMap<string, number>;
}

/** A spike in the plant, and the cloud's incident for it, during the spike and after it. */
export interface SpikeRun {
  readonly spikeAt: number;
  readonly spikeEndsAt: number;
  readonly before: Second;
  readonly during: readonly Second[];
  readonly after: readonly Second[];
  readonly open: { readonly at: number; readonly incidents: readonly IncidentView[] };
  readonly over: { readonly at: number; readonly incidents: readonly IncidentView[] };
}

/** Runs a 100 % spike on hfdp-2 at midnight, in the production composition on virtual time. */
export async function runSpike(): Promise<SpikeRun> {
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(undefined, false),
    world: { region: buildRegion(['hfdp']), specs: plantSpecs(['hfdp']).map((spec) => ({ ...spec, meterFaults: {} })) },
    startMs: Date.UTC(2021, 8, 25),
    stepS: 1,
    estimateEveryS: 60,
    dispatchEveryS: 900,
    planStepsS: Array.from({ length: 12 }, () => 900),
    train: [],
    history: true,
  });
  const plant = sim.plant.plants[0]!;
  const look = (): Second => {
    const { transformer, feeders, devices } = plant.truth();
    return {
      at: sim.clock.plant.now(),
      headKw: feeders.find(({ id }) => id === FEEDER)!.activePowerKw,
      transformerKw: transformer.activePowerKw,
      devices: new Map(devices.map(({ id, activePowerKw }) => [id, activePowerKw])),
    };
  };
  const watch = async (seconds: number): Promise<Second[]> => {
    const seen: Second[] = [];
    for (let second = 0; second < seconds; second++) {
      await sim.run(1);
      seen.push(look());
    }
    return seen;
  };
  const incidentsNow = async () => ({
    at: sim.clock.plant.now(),
    incidents: await sim.stores.incidents.list({ limit: 10 }),
  });
  await sim.start();
  await sim.run(BEFORE_S);
  const before = look();
  plant.spike({ feeder: FEEDER, share: 1, durationS: SPIKE_S });
  const during = await watch(150);
  const open = await incidentsNow();
  const rest = await watch(SPIKE_S - 150);
  const after = await watch(300);
  const over = await incidentsNow();
  await sim.stop();
  const spikeAt = before.at;
  return { spikeAt, spikeEndsAt: spikeAt + 1000 * SPIKE_S, before, during: [...during, ...rest], after, open, over };
}
