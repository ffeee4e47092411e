import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Health } from '../api/owner.ts';
import type { Away, BrokerStanding } from '../ingest/rabbitmq/broker-standing.ts';
import type { Postgres } from '../sql/postgres.ts';
import { nodesFault } from '../task-queue/nodes-fault.ts';
import type { NodesStanding } from '../task-queue/task-desk.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

const MB = 1e6;
const LEAST_FREE_MB = 500;
/** The cloud did not exist before: a clock that shows an earlier time was never set. */
const FIRST_TIME = Date.UTC(2026, 0, 1);
const BACK_MS = 60_000;
/** Files written at every act and every frame. */
const WRITTEN = ['audit.jsonl', 'state.sqlite'];

/** The job nodes at a RabbitMQ. */
export interface NodesSource {
  readonly standing: () => NodesStanding;
  /** True if only job nodes make plans. */
  readonly areAlone: boolean;
}

interface HealthParts {
  readonly data: string;
  readonly isStoreFailing: () => boolean;
  /** The database that holds the state; undefined: the state is in the data folder. */
  readonly postgres?: Pick<Postgres, 'standing'> | undefined;
  /** True if gateways can connect. */
  readonly listens: () => boolean;
  /** State of an external broker. */
  readonly broker?: (() => BrokerStanding) | undefined;
  readonly nodes?: NodesSource | undefined;
  /** The machine's time, ms UTC. */
  readonly now: () => number;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** The cloud's own health, for monitoring of its machine. */
export function healthOf({
  data,
  isStoreFailing,
  postgres,
  listens,
  broker,
  nodes,
  now,
  freeBytes = free,
}: HealthParts) {
  return async (): Promise<Health> => ({
    store: isStoreFailing() ? 'cannot store measurements' : 'ok',
    ...(postgres === undefined ? {} : { state: standingOf(postgres.standing.away) }),
    broker: listens() ? brokerOf(broker?.()) : 'accepts no connections from gateways',
    ...(nodes?.areAlone === true ? { nodes: nodesFault(nodes.standing()) ?? 'ok' } : {}),
    clock: await clockOf(data, now()),
    disk: await diskOf(data, freeBytes),
  });
}

const standingOf = (away: Away | null): string =>
  away === null ? 'ok' : `has not answered since ${new Date(away.since).toISOString()}: ${away.why}`;

function brokerOf(standing: BrokerStanding | undefined): string {
  if (standing === undefined || standing.away !== null) return standingOf(standing?.away ?? null);
  return standing.management === null ? 'ok' : `cannot change gateways: ${standing.management.why}`;
}

async function clockOf(data: string, now: number): Promise<string> {
  if (now < FIRST_TIME) return `shows ${new Date(now).toISOString()}: set it`;
  const written = await Promise.all(
    WRITTEN.map((name) =>
      stat(join(data, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const behindMs = Math.max(...written) - now;
  return behindMs < BACK_MS ? 'ok' : `is ${Math.round(behindMs / 1000)} s behind the newest stored file: set it`;
}

async function diskOf(data: string, freeBytes: (folder: string) => Promise<number>): Promise<string> {
  try {
    const mb = Math.round((await freeBytes(data)) / MB);
    return mb >= LEAST_FREE_MB ? 'ok' : `only ${mb} MB are free in ${data}; at least ${LEAST_FREE_MB} MB are needed`;
  } catch (error) {
    return messageOf(error);
  }
}

async function free(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
