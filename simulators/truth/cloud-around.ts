import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usersFileAlarm } from '../../cloud/compose/owner-events.ts';
import { heavyPools } from '../../cloud/compose/pools.ts';
import { composeTaskNodes } from '../../cloud/compose/task-nodes.ts';
import { watchAudit } from '../../cloud/compose/watch-audit.ts';
import { watchAuthority } from '../../cloud/compose/watch-authority.ts';
import { CloudConfig } from '../../cloud/config.ts';
import { UsersFile } from '../../cloud/ingest/users-file.ts';
import { dispatchTasks, type DispatchTasks } from '../../cloud/plan/tasks.ts';
import { keptSolver } from '../../cloud/plan/compose-solver.ts';
import { initAuthority } from '../../cloud/pki/make-authority.ts';
import { inlineCompute } from '../../cloud/compute/inline-compute.ts';
import { readConfig } from '../../shared/config/read-config.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import type { Injected } from './moment.ts';
import { joinNode, USERS_FILE } from './troubles.ts';

const DAY_MS = 86_400_000;

/** The optimiser, with the solver faults of a scenario. */
export function faultyOptimiser(injected: Injected): Compute<DispatchTasks> {
  const getSolver = keptSolver();
  return inlineCompute(
    dispatchTasks(async () => {
      if (injected.solver === 'throws') throw new Error('no solver answers');
      const solver = await getSolver();
      if (injected.solver === 'none') return solver;
      return { solve: (problem, start) => solver.solve(problem, start), aborted: 'memory access out of bounds' };
    }),
  );
}

export const folderOf = (): string => mkdtempSync(join(tmpdir(), 'loadstone-truth-'));

/**
 * Starts what the cloud's process watches around its owner, composed as in `main.ts`: the file of gateways, the job nodes, and an authority
 * whose issuer expires within half a year. Plans are made as without nodes.
 */
export async function startAround(sim: RegionSim, injected: Injected): Promise<AsyncDisposable> {
  const { clock } = sim;
  const data = injected.folder;
  const file = join(data, USERS_FILE);
  writeFileSync(file, '');
  const users = new UsersFile({
    file,
    time: clock.machine,
    onChange: () => undefined,
    onFault: (fault) => sim.cloud.tell(usersFileAlarm(fault, clock.plant.now())),
  });
  await initAuthority({ data, rootKey: '', now: clock.machine.now() - (3 * 365 - 100) * DAY_MS }, 'Loadstone');
  injected.other.set('LS-PKI-008', ['cloud']);
  users.start();
  await joinNode(injected);
  const logger = { info: () => undefined, error: () => undefined };
  const config = readConfig(CloudConfig, { file: 'cloud.yaml', text: 'roles: [owner, api]' });
  const nodes = composeTaskNodes({
    config,
    own: heavyPools(config),
    open: (owner) => injected.queue.owner(owner),
    time: clock.machine,
    logger,
    onAlone: (isAlone) => sim.cloud.jobNodesMissing(isAlone),
    onDead: () => undefined,
    onPlanWorkers: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  nodes.start();
  const authority = watchAuthority({
    data,
    clock,
    holds: () => sim.cloud.alarms.holds('cloud', 'LS-PKI-008'),
    tell: (event) => sim.cloud.tell(event),
  });
  const audit = watchAudit({
    places: [sim.cloud.desk, sim.cloud.dispatch],
    clock,
    events: sim.stores.events,
    show: (alarm) => sim.cloud.alarms.show(alarm),
    logger,
  });
  return {
    [Symbol.asyncDispose]: async () => {
      users.stop();
      authority.cancel();
      audit.cancel();
      await nodes.stop();
    },
  };
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
