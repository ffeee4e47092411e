import type { SystemView } from '../../shared/contracts/system.ts';
import { processName } from '../sql/process-name.ts';
import { VERSION } from '../../shared/version.ts';
import type { Health } from '../api/owner.ts';
import type { CloudConfig } from '../config.ts';
import type { OwnWork } from '../jobs/given-up.ts';
import type { GivenUpJob } from '../jobs/job-store.ts';
import type { Postgres } from '../sql/postgres.ts';
import type { NodesStanding } from '../task-queue/task-desk.ts';

type Nodes = SystemView['nodes'];

/** The owner's part of the system view. */
type OwnSystem = Omit<SystemView, 'software'>;

interface SystemParts {
  readonly config: { readonly telemetry: { readonly kind: string }; readonly rabbitmq: unknown };
  readonly postgres: Pick<Postgres, 'look' | 'standing'> | undefined;
  readonly queues: () => Promise<OwnSystem['queues']>;
  /** Job nodes that announced themselves. */
  readonly jobNodes: () => NodesStanding['nodes'];
  readonly givenUp: () => readonly GivenUpJob[];
  readonly health: () => Promise<Health>;
  readonly lag: () => Omit<OwnSystem['lag'], 'memoryBytes' | 'commitMs' | 'term'>;
  /** The machine's time, ms UTC. */
  readonly now: () => number;
}

/** The configuration that tells what the parts are. */
export const kindsOf = ({ telemetry, uplink }: Pick<CloudConfig, 'telemetry' | 'uplink'>): SystemParts['config'] => ({
  telemetry,
  rabbitmq: uplink.rabbitmq,
});

const NODES = `SELECT application_name AS name, host(client_addr) AS address,
    extract(epoch FROM min(backend_start)) * 1000 AS since, current_setting('server_version') AS version
  FROM pg_stat_activity
  WHERE datname = current_database() AND usename = current_user AND application_name LIKE 'loadstone%'
  GROUP BY 1, 2 ORDER BY 3`;
/** PostgreSQL truncates longer names. */
const LONGEST_NAME = 63;
/** How processes name themselves at the database: "loadstone standby 0.2.0, process 12 of host". */
const NAMED = /^loadstone(?: ([a-z]+))?(?: (\d[\w.+-]*))?, (process \d+ of .*)$/;

/** Reads the cloud's parts and their health. Never rejects: a part that does not answer is reported as such. */
export function systemOf({
  config,
  postgres,
  queues,
  jobNodes,
  givenUp,
  health,
  lag,
  now,
}: SystemParts): () => Promise<OwnSystem> {
  const own = processName();
  return async () => {
    const self = { role: 'owner', name: own, version: VERSION, address: null, since: now() - process.uptime() * 1000 };
    const [others, queued] = await Promise.all([connected(postgres, own), queues()]);
    const { store, state = 'ok', broker, nodes, clock, disk } = await health();
    return {
      version: VERSION,
      nodes: [self, ...others.nodes, ...jobNodes().map((node) => ({ role: 'job', address: null, ...node }))],
      queues: queued,
      parts: [
        { part: 'store', kind: config.telemetry.kind === 'influxdb' ? 'InfluxDB' : 'SQLite', health: store },
        {
          part: 'state',
          kind: postgres === undefined ? 'SQLite' : `PostgreSQL ${others.version}`.trim(),
          health: state,
        },
        { part: 'broker', kind: config.rabbitmq === undefined ? 'aedes' : 'RabbitMQ', health: broker },
        ...(nodes === undefined ? [] : [{ part: 'nodes' as const, kind: '', health: nodes }]),
        { part: 'clock', kind: '', health: clock },
        { part: 'disk', kind: '', health: disk },
      ],
      lag: {
        ...lag(),
        memoryBytes: process.memoryUsage.rss(),
        commitMs: postgres?.standing.commitMs ?? null,
        term: postgres?.standing.term ?? null,
      },
      givenUp: givenUp().map(givenUpView),
    };
  };
}

function givenUpView({ job, request, attempts }: GivenUpJob): NonNullable<OwnSystem['givenUp']>[number] {
  const isOwn = job.owner === '';
  return {
    id: job.id,
    kind: job.kind,
    subject: isOwn ? (request as Pick<OwnWork, 'subject'>).subject : null,
    by: isOwn ? null : job.owner,
    at: job.finishedAt ?? job.createdAt,
    attempts,
    code: job.fault?.code ?? 'LS-JOB-001',
    why: job.fault?.detail ?? '',
  };
}

/** The other processes connected to the database. */
async function connected(
  postgres: Pick<Postgres, 'look'> | undefined,
  own: string,
): Promise<{ readonly nodes: Nodes; readonly version: string }> {
  // Its health reports the failure.
  const rows = (await postgres?.look(NODES).catch(() => [])) ?? [];
  const nodes = rows.flatMap(({ name, address, since }) => {
    const [, role = 'other', runs = null, who] = NAMED.exec(String(name)) ?? [];
    const isCut = String(name).length === LONGEST_NAME;
    if (who === undefined || who === own || (isCut && own.startsWith(who))) return [];
    return [
      { role, name: who, version: runs, address: typeof address === 'string' ? address : null, since: Number(since) },
    ];
  });
  const version = rows[0]?.['version'];
  return { nodes, version: typeof version === 'string' ? version.split(' ')[0]! : '' };
}
