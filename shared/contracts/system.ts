import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';
import { Nullable } from './nullable.ts';

const Node = Type.Object({
  role: Type.String({ description: 'owner, standby, or what else a process calls itself at the database' }),
  name: Type.String({ description: 'process and host' }),
  address: Nullable(Type.String({ description: 'from where it reaches the database; null: from this machine' })),
  since: Nullable(Type.Number({ description: 'since when it runs, or is connected; ms UTC of machine time' })),
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
        'store: of measurements. state: ledger, plans, alarms, people. nodes: job nodes, where they alone make the plans; the broker counts them',
    },
  ),
  kind: Type.String({ description: 'what it is; empty: what the machine has' }),
  health: Type.String({ description: 'ok, or what is wrong' }),
});
const Thread = Type.Object({
  seconds: Type.Number({ description: 'how long was looked at' }),
  lateP50Ms: Type.Number({ description: 'how late timers of the main thread of the owner went off' }),
  lateP99Ms: Type.Number(),
  lateMaxMs: Type.Number(),
  busyPct: Type.Number({ description: 'processor time of that thread' }),
});
const Lag = Type.Object({
  thread: Nullable(Thread),
  memoryBytes: Type.Integer({ description: 'of the process of the owner' }),
  heldPoints: Type.Integer({ description: 'points that wait for the store' }),
  failedWrites: Type.Integer({ description: 'batches that the store did not take, since the start' }),
  backlogFrames: Type.Integer({ description: 'frames that gateways hold and the cloud has not acknowledged' }),
  missingFrames: Type.Integer({ description: 'frames that the ledger misses' }),
  commitMs: Nullable(Type.Number({ description: 'how long the last commit in PostgreSQL took' })),
  term: Nullable(Type.Integer({ description: 'counts the processes that held PostgreSQL so far' })),
});
const Software = Type.Object({
  software: Nullable(Type.String({ description: 'null: it has not said it yet' })),
  count: Type.Integer(),
  gateways: Type.Array(Type.String(), { description: 'the first of them' }),
});

/** Answer of GET /v1/system: the parts of the cloud and their health. */
export const SystemView = Type.Object({
  version: Type.String({ description: 'of the software of the owner' }),
  nodes: Type.Array(Node, { description: 'the owner, and who else is connected to its PostgreSQL' }),
  parts: Type.Array(Part),
  lag: Lag,
  software: Type.Array(Software, { description: 'gateways by version of their software, the most first' }),
});
export type SystemView = Immutable<Static<typeof SystemView>>;
