import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';
import { Nullable } from './nullable.ts';

const Node = Type.Object({
  role: Type.String({
    description: 'owner, job, or the name that a process gives itself at the database: standby, api',
  }),
  name: Type.String({ description: 'process and host' }),
  version: Nullable(Type.String({ description: 'its software version; null: it does not report one' })),
  address: Nullable(
    Type.String({
      description:
        'where it connects to the database from; null: this machine, or a job node, which connects to RabbitMQ alone',
    }),
  ),
  since: Nullable(Type.Number({ description: 'when it started or connected; ms UTC of machine time' })),
});
const Queue = Type.Object({
  kind: Type.Union([Type.Literal('plan'), Type.Literal('train'), Type.Literal('planner')], {
    description:
      'plan: plans of substations. train: training of models. planner: jobs, such as scenarios, backtests and exports',
  }),
  waiting: Nullable(
    Type.Integer({
      description: 'plans that are due, jobs, and tasks that wait for a thread; null: the database does not answer',
    }),
  ),
  running: Type.Integer({ description: 'tasks that a thread of the owner or of a job node works on' }),
  threads: Type.Integer({ description: 'threads of the owner' }),
  nodeThreads: Nullable(Type.Integer({ description: 'threads of job nodes; null: the cell has no RabbitMQ for them' })),
});
const Part = Type.Object({
  part: Type.Union(
    [
      Type.Literal('store'),
      Type.Literal('state'),
      Type.Literal('broker'),
      Type.Literal('nodes'),
      Type.Literal('clock'),
      Type.Literal('disk'),
    ],
    {
      description:
        'store: measurements. state: ledger, plans, alarms, people. nodes: job nodes, if only they make plans; the broker counts them',
    },
  ),
  kind: Type.String({ description: 'product name; empty: part of the machine' }),
  health: Type.String({ description: 'ok, or the fault' }),
});
const Thread = Type.Object({
  seconds: Type.Number({ description: 'length of the observed span' }),
  lateP50Ms: Type.Number({ description: 'lateness of timers on the main thread of the owner' }),
  lateP99Ms: Type.Number(),
  lateMaxMs: Type.Number(),
  busyPct: Type.Number({ description: 'CPU time of that thread' }),
});
const Lag = Type.Object({
  thread: Nullable(Thread),
  memoryBytes: Type.Integer({ description: 'memory of the owner process' }),
  heldPoints: Type.Integer({ description: 'points waiting for the store' }),
  failedWrites: Type.Integer({ description: 'batches that the store failed to write since the start' }),
  backlogFrames: Type.Integer({ description: 'frames held by gateways that the cloud has not acknowledged' }),
  missingFrames: Type.Integer({ description: 'frames missing from the ledger' }),
  commitMs: Nullable(Type.Number({ description: 'duration of the last commit in PostgreSQL' })),
  term: Nullable(Type.Integer({ description: 'number of processes that have held PostgreSQL so far' })),
});
const Software = Type.Object({
  software: Nullable(Type.String({ description: 'null: not reported yet' })),
  count: Type.Integer(),
  gateways: Type.Array(Type.String(), { description: 'the first few' }),
});

const GivenUp = Type.Object({
  id: Type.String(),
  kind: Type.String({ description: 'plan, training, or the kind of a job' }),
  subject: Nullable(Type.String({ description: 'substation or target; null: a job that somebody submitted' })),
  by: Nullable(Type.String({ description: 'who submitted the job' })),
  at: Type.Number({ description: 'when it was given up; ms UTC of machine time' }),
  attempts: Type.Integer(),
  code: Type.String({ examples: ['LS-NODE-002'] }),
  why: Type.String(),
});

/** Answer of GET /v1/system: the parts of the cloud and their health. */
export const SystemView = Type.Object({
  version: Type.String({ description: 'software version of the owner' }),
  nodes: Type.Array(Node, {
    description: 'the owner, all processes connected to its PostgreSQL, and job nodes, also of other versions',
  }),
  queues: Type.Array(Queue, { description: 'computing work by kind' }),
  parts: Type.Array(Part),
  lag: Lag,
  givenUp: Type.Optional(
    Type.Array(GivenUp, {
      description:
        'work that ended every process that took it; a job waits for a decision, a plan or training also takes its next turn; latest first, at most 200',
    }),
  ),
  software: Type.Array(Software, { description: 'gateways by software version, most common first' }),
});
export type SystemView = Immutable<Static<typeof SystemView>>;
