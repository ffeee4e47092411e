import { randomInt } from 'node:crypto';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { Logger } from 'pino';
import type { CloudConfig } from '../config.ts';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { newId } from '../jobs/new-id.ts';
import { AmqpOwnerLine } from '../task-queue/amqp-owner-line.ts';
import { byLane } from '../task-queue/lanes.ts';
import { nodesFault } from '../task-queue/nodes-fault.ts';
import { sharedCompute } from '../task-queue/shared-compute.ts';
import { TaskDesk, type NodesStanding, type TaskDeskOptions } from '../task-queue/task-desk.ts';
import { threadsOf, type HeavyWork, type OwnThreads } from './pools.ts';

export interface TaskNodesParts {
  readonly config: Pick<CloudConfig, 'roles' | 'dispatch' | 'forecast'>;
  /** Opens the line of the owner that nodes know by this name. */
  readonly open: (owner: string) => TaskDeskOptions['open'];
  readonly own: OwnThreads;
  readonly time: TimeBase;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** No one makes plans, or someone does again: called once it is known, and on each change. */
  readonly onAlone: (isAlone: boolean) => void;
  /** No node completes a task of this name. */
  readonly onDead: (task: string) => void;
  /** The number of plans that can be computed in parallel has changed. */
  readonly onPlanWorkers: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Job nodes as the owner sees them. */
export interface TaskNodes {
  readonly work: HeavyWork;
  /** Current number of plans that can be computed in parallel. */
  readonly planWorkers: () => number;
  readonly standing: () => NodesStanding;
  start(): void;
  /** Waits a moment for tasks that run at nodes. */
  stop(): Promise<void>;
}

const LOOK_MS = 5000;
/** Time for nodes to come back after a lost line. */
const ALONE_MS = 30_000;

/** Job nodes at a RabbitMQ. */
export const nodesAt =
  (address: BrokerAddress): TaskNodesParts['open'] =>
  (owner) =>
  (events) =>
    AmqpOwnerLine.open({ address, owner, ...events });

/** Shares the heavy work of this process with the job nodes at its RabbitMQ. */
export function composeTaskNodes(parts: TaskNodesParts): TaskNodes {
  const { config, own, time, logger, onFailure } = parts;
  const owner = newId('owner');
  const isJob = config.roles.includes('job');
  const ownThreads = isJob ? threadsOf(config) : byLane(() => 0);
  let logged: string | null = null;
  const desk = new TaskDesk({
    machine: time,
    random: new SeededRandom(randomInt(2 ** 32)),
    newId: () => newId('task'),
    hasOwn: (lane) => ownThreads[lane] > 0,
    open: parts.open(owner),
    onThreads: (lane) => {
      logger.info({ lane, threads: desk.threads(lane) }, 'threads of job nodes');
      if (lane === 'plan') parts.onPlanWorkers();
    },
    onDead: (task) => {
      logger.error({ code: 'LS-NODE-002' }, `no job node completes ${task}`);
      parts.onDead(task);
    },
    onStanding: (why) => {
      if (why !== null && why !== logged)
        logger.error({ code: 'LS-BROKER-004' }, `job nodes cannot be reached: ${why}`);
      logged = why;
    },
    onFailure,
  });
  let wasAlone: boolean | undefined;
  const look = (): void => {
    const standing = desk.standing();
    const isAlone = desk.aloneMs >= ALONE_MS;
    if (isAlone === wasAlone || (!isAlone && standing.threads.plan === 0)) return;
    if (isAlone) logger.error({ code: 'LS-NODE-004' }, nodesFault(standing));
    else if (wasAlone === true) logger.info('job nodes make plans again');
    wasAlone = isAlone;
    parts.onAlone(isAlone);
  };
  let looking: Timer | undefined;
  const shared = <Name extends keyof HeavyWork>(lane: Name): HeavyWork[Name] =>
    sharedCompute({ lane, own: own[lane] as never, ownThreads: ownThreads[lane], desk }) as HeavyWork[Name];
  return {
    work: { plan: shared('plan'), train: shared('train'), planner: shared('planner') },
    planWorkers: () => ownThreads.plan + desk.threads('plan'),
    standing: () => desk.standing(),
    start: () => {
      desk.start();
      if (isJob) parts.onAlone(false);
      else looking = every(time, LOOK_MS, look);
    },
    stop: () => {
      looking?.cancel();
      return desk.stop();
    },
  };
}
