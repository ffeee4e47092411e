import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { serviceManager } from '../../shared/service/service-manager.ts';
import { processName } from '../sql/process-name.ts';
import { Watchdog } from '../../shared/service/watchdog.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { VERSION } from '../../shared/version.ts';
import type { CloudConfig } from '../config.ts';
import { rabbitAddress } from '../ingest/rabbitmq/rabbitmq-config.ts';
import { AmqpNodeLine } from '../task-queue/amqp-node-line.ts';
import { LANES, type ByLane } from '../task-queue/lanes.ts';
import { TaskWorker } from '../task-queue/task-worker.ts';
import { readTls, tlsFilesOf, urlOf } from './api-door.ts';
import { openLog } from './log.ts';
import { healthAnswer, PlainDoor, type PlainAnswer } from './plain-door.ts';
import { closeWork, heavyPools, threadsOf } from './pools.ts';
import type { RunningCloud } from './running.ts';

/** How long a stop waits for tasks in hand: long enough for a plan; unfinished tasks go to another node. */
const DRAIN_MS = 15_000;

/**
 * Starts a job node: it takes tasks from the queues at the cloud's RabbitMQ and returns the results. It needs only the broker, stores
 * nothing, and reports its state at GET /health and /metrics.
 */
export async function startJobNode(config: CloudConfig, say: (line: string) => void): Promise<RunningCloud> {
  const logger = openLog(process.env);
  const onFailure = (error: unknown): void => logger.error({ err: error }, 'task failed');
  const { machine } = new SystemClock(onFailure);
  const data = resolve(config.data);
  const { rabbitmq } = config.uplink;
  if (rabbitmq === undefined) throw new TypeError('a job node without uplink.rabbitmq was let through');
  const address = rabbitAddress(rabbitmq);
  const lost = Promise.withResolvers<LoadstoneError>();
  await using opened = new AsyncDisposableStack();
  opened.defer(() => logger.flush());
  const pools = heavyPools(config);
  opened.defer(() => closeWork(pools));
  const threads = threadsOf(config);
  const standing = new Standing(logger);
  const worker = new TaskWorker({
    machine,
    random: new SeededRandom(randomInt(2 ** 32)),
    pools,
    self: { name: processName(), version: VERSION, since: Math.round(performance.timeOrigin) },
    open: ({ onTask, onClose }) => AmqpNodeLine.open({ address, threads, onTask, onClose }),
    onStanding: (why) => standing.heard(why),
    onStuck: ({ name }) =>
      lost.resolve(new LoadstoneError('LS-NODE-003', `${name} has run for 25 min: the node exits to restart`)),
    onFailure,
  });
  const tls = tlsFilesOf(config.api, data);
  const door = await PlainDoor.open({
    host: config.api.host,
    port: config.api.port,
    tls: tls === undefined ? undefined : readTls(tls),
    answer: (path) => answerOf(path, { worker, threads, why: standing.why }),
  });
  opened.defer(() => door.close());
  // Stops before the threads do, so that a task that fails with them is not returned as a result.
  opened.defer(() => worker.stop(DRAIN_MS));
  worker.start();
  const manager = serviceManager(process.env, onFailure);
  const watchdog = manager === undefined ? undefined : new Watchdog({ ...manager, machine });
  opened.defer(() => watchdog?.stop());
  watchdog?.start();
  const url = urlOf(config.api.host, door.port, tls);
  say(`Loadstone job node ${VERSION}: tasks of RabbitMQ at ${rabbitmq.host}, ${url}/health`);
  const running = opened.move();
  return { url, lost: lost.promise, stop: () => running.disposeAsync() };
}

/** Tracks whether tasks arrive, and why not. */
class Standing {
  readonly #logger: Pick<Logger, 'info' | 'error'>;
  why: string | null = 'has not connected to RabbitMQ yet';

  constructor(logger: Pick<Logger, 'info' | 'error'>) {
    this.#logger = logger;
  }

  heard(why: string | null): void {
    if (why === null) this.#logger.info('accepts tasks');
    else if (why !== this.why) this.#logger.error({ code: 'LS-BROKER-004' }, `accepts no tasks: ${why}`);
    this.why = why;
  }
}

interface NodeState {
  readonly worker: Pick<TaskWorker, 'counts'>;
  readonly threads: ByLane<number>;
  readonly why: string | null;
}

function answerOf(path: string | undefined, state: NodeState): PlainAnswer {
  if (path === '/health') return healthAnswer(state.why === null, { broker: state.why ?? 'ok' });
  if (path === '/metrics') return { status: 200, type: 'text/plain; version=0.0.4', body: metricsOf(state) };
  return { status: 404, type: 'text/plain; version=0.0.4', body: 'a job node has no page; see /health and /metrics\n' };
}

function metricsOf({ worker: { counts }, threads, why }: NodeState): string {
  const metric = (name: string, type: 'gauge' | 'counter', help: string, rows: readonly string[]): string =>
    [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows.map((row) => `${name}${row}`), ''].join('\n');
  const each = (read: (lane: (typeof LANES)[number]) => number): string[] =>
    LANES.map((lane) => `{lane="${lane}"} ${read(lane)}`);
  const outcomes = LANES.flatMap((lane) =>
    (['done', 'failed', 'orphaned'] as const).map((what) => `{lane="${lane}",outcome="${what}"} ${counts[lane][what]}`),
  );
  const { user, system } = process.cpuUsage();
  return [
    metric('loadstone_broker_up', 'gauge', '1: connected to RabbitMQ', [` ${Number(why === null)}`]),
    metric(
      'loadstone_job_threads',
      'gauge',
      'maximum concurrent tasks of this node',
      each((lane) => threads[lane]),
    ),
    metric(
      'loadstone_job_busy',
      'gauge',
      'tasks in progress',
      each((lane) => counts[lane].busy),
    ),
    metric('loadstone_job_tasks_total', 'counter', 'tasks since the start; orphaned: their owner had gone', outcomes),
    metric(
      'loadstone_job_task_seconds_total',
      'counter',
      'duration of tasks',
      each((lane) => counts[lane].seconds),
    ),
    metric('process_start_time_seconds', 'gauge', 'start of this process, seconds since the epoch', [
      ` ${performance.timeOrigin / 1000}`,
    ]),
    metric('process_cpu_seconds_total', 'counter', 'CPU time of this process', [` ${(user + system) / 1e6}`]),
    metric('process_resident_memory_bytes', 'gauge', 'memory of this process', [` ${process.memoryUsage.rss()}`]),
  ].join('');
}
