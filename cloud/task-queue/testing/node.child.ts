import type { Compute, TaskTable } from '../../../shared/ports/compute.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { processName } from '../../sql/process-name.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { VERSION } from '../../../shared/version.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { BrokerAddress } from '../../ingest/rabbitmq/address.ts';
import { AmqpNodeLine } from '../amqp-node-line.ts';
import { byLane } from '../lanes.ts';
import { TaskWorker } from '../task-worker.ts';

/** A node in a process of its own, with trivial tasks. A `held` task announces itself and ends on request. */
const address = JSON.parse(process.argv[2]!) as BrokerAddress;
const onFailure = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
const release = Promise.withResolvers<void>();
process.on('message', () => release.resolve());
process.on('disconnect', () => process.exit(0));
const table = {
  dispatch: async ({ n, held }: { readonly n: number; readonly held: boolean }) => {
    if (held) {
      process.send!({ held: n });
      await release.promise;
    }
    return { n, curve: Float64Array.of(n, Number.NaN) };
  },
};
const pool = inlineCompute<typeof table>(table) as unknown as Compute<TaskTable>;
const worker = new TaskWorker({
  open: ({ onTask, onClose }) =>
    AmqpNodeLine.open({ address, threads: { plan: 1, train: 0, planner: 0 }, heartbeatS: 2, onTask, onClose }),
  self: { name: processName(), version: VERSION, since: Math.round(performance.timeOrigin) },
  pools: byLane(() => pool),
  machine: new SystemClock(onFailure).machine,
  random: new SeededRandom(process.pid),
  reconnectS: [0.2, 0.5],
  onStanding: () => undefined,
  onStuck: () => process.exit(1),
  onFailure,
});
worker.start();
