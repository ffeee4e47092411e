import { parsePersisted } from '../../edge/cycle/persisted.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { RegionSim, type World } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';
import { accounted, compareAccounts } from './account.ts';
import { CommandWatch } from './command-watch.ts';
import { CycleWatch } from './cycle-watch.ts';
import { describeFault, faultsOf, HEALED_S, type Fault } from './faults.ts';
import { faultyStore, type StoreFaults } from './faulty-store.ts';
import { GridWatch } from './grid-watch.ts';
import { HeldRecords } from './held.ts';
import { Injector } from './inject.ts';
import type { Invariant, Violation } from './violation.ts';

export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** The injected faults, in words. */
  readonly faults: readonly string[];
  readonly commands: number;
  readonly frames: number;
  /** Longest time that a limit was exceeded with relief available, s. */
  readonly passedS: number;
  /** Digest of the trace; "" without one. */
  readonly digest: string;
}

const STEP_S = 1;
const RUN_S = 600;
const SLICE_S = 10;
/** Extra time to send a long backlog: a back-off of two minutes, and the sending. */
const DRAIN_S = 300;
const DRAIN_STEP_S = 30;
const HOURS = 24;
/** Largest number of violations recorded per run. */
const MOST_VIOLATIONS = 20;
/** Time for which a gateway stays excused after its device network heals or it restarts, s. */
const RECOVER_S = 90;

interface SeedOptions {
  /** Receives every line of the trace. */
  readonly keep?: ((line: string) => void) | undefined;
  /** Ends the run once this invariant is violated. */
  readonly until?: Invariant | undefined;
}

/** One run of the whole system from a seed: ten minutes of plant time with faults in the first seven. */
export async function runSeed(seed: number, world: World, { keep, until }: SeedOptions = {}): Promise<SeedReport> {
  const faults = faultsOf(seed);
  const violations: Violation[] = [];
  const random = new SeededRandom(seed, 'start');
  const startMs = plantStartMs + Math.floor(random.next() * HOURS) * 3_600_000;
  const storeFaults: StoreFaults = { down: false, flakyShare: 0 };
  const trace = new Trace(keep, keep !== undefined);
  const atS = (): number => (sim.clock.plant.now() - startMs) / 1000;
  const tell = (invariant: Invariant, text: string): void => {
    if (violations.length < MOST_VIOLATIONS) violations.push({ invariant, atS: atS(), text });
  };
  const cycles = new CycleWatch(STEP_S, tell);
  const storeRandom = new SeededRandom(seed, 'store');
  const sim: RegionSim = new RegionSim({
    seed,
    trace,
    world,
    startMs,
    stepS: STEP_S,
    estimateEveryS: 300,
    dispatchEveryS: 900,
    planStepsS: Array.from({ length: 12 }, () => 900),
    train: [],
    history: false,
    faultyStore: (store) => faultyStore(store, storeFaults, storeRandom),
    watch: {
      cycled: (gateway) => cycles.cycled(gateway),
      commanded: (gateway, topic, payload) => commands.commanded(gateway, topic, payload),
      uplink: (gateway, direction, topic, payload) => {
        if (direction === 'out') commands.uplink(gateway, topic, payload);
      },
      failed: (process, error) => {
        if (error instanceof LoadstoneError && error.code === 'LS-STORE-001' && process === 'cloud') return;
        tell('no-crash', `${process}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      },
    },
    onStep: () => {
      cycles.step(STEP_S, sim.gateways);
      grid.step(STEP_S, (gateway) => excused(faults, gateway, atS()));
    },
  });
  const commands = new CommandWatch(sim.region, {
    tell,
    now: () => sim.clock.plant.now(),
    clockOffMs: (gateway) =>
      clockOff(
        faults,
        sim.gateways.findIndex(({ id }) => id === gateway),
        atS(),
      ),
  });
  const grid = new GridWatch(sim, tell);
  const remembers = async ({ id, disk }: { readonly id: string; readonly disk: Disk }): Promise<void> => {
    const bytes = await disk.read('state.json');
    if (bytes === undefined) return;
    const read = parsePersisted(new TextDecoder().decode(bytes));
    const fault = read.ok ? read.value.left : read.fault;
    if (fault !== null) tell('remembers', `${id}: ${fault.detail}`);
  };
  const held = sim.gateways.map(({ disk }) => new HeldRecords(disk));
  const injector = new Injector({
    seed,
    sim,
    store: storeFaults,
    onDies: async (gateway) => {
      commands.died(sim.gateways[gateway]!.id);
      await held[gateway]!.look();
      await remembers(sim.gateways[gateway]!);
    },
    onOverride: (override) => commands.given(override),
    onCancel: (cancel) => commands.cancelled(cancel),
  });
  const wholeRun = async (): Promise<void> => {
    await sim.start();
    injector.schedule(faults);
    for (let left = RUN_S; left > 0; left -= SLICE_S) {
      await sim.run(SLICE_S);
      if (violations.some(({ invariant }) => invariant === until)) return;
    }
    for (const each of held) await each.look();
    for (const each of held) each.mark();
    for (let left = DRAIN_S; left > 0 && !accounted(sim, held); left -= DRAIN_STEP_S) await sim.run(DRAIN_STEP_S);
    for (const each of held) await each.look();
    await compareAccounts(sim, held, tell);
    for (const each of sim.gateways) await remembers(each);
    await sim.stop();
  };
  try {
    await wholeRun();
  } catch (error) {
    tell('no-crash', `the run aborted: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return {
    seed,
    violations,
    faults: faults.map(describeFault),
    commands: commands.commands,
    frames: sim.gateways.reduce((sum, { id }) => sum + sim.stores.ledger.storedCount(id), 0),
    passedS: grid.longestS,
    digest: keep === undefined ? '' : trace.digest(),
  };
}

/** A gateway that is or recently was dead or cut off from its devices cannot relieve anything. */
const excused = (faults: readonly Fault[], gateway: number, atS: number): boolean =>
  faults.some(
    (fault) =>
      (fault.kind === 'gateway-killed' ||
        fault.kind === 'power-lost' ||
        fault.kind === 'bad-devices' ||
        fault.kind === 'clock-off') &&
      fault.gateway === gateway &&
      atS >= fault.atS &&
      atS <= fault.untilS + RECOVER_S,
  );

const clockOff = (faults: readonly Fault[], gateway: number, atS: number): number =>
  faults
    .filter((fault) => fault.kind === 'clock-off' && fault.gateway === gateway)
    .some((fault) => atS >= fault.atS && atS <= Math.max(fault.untilS, HEALED_S))
    ? 1
    : 0;
