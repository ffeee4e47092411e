import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byLane } from '../task-queue/lanes.ts';
import type { NodesStanding } from '../task-queue/task-desk.ts';
import { queuesOf } from './queues.ts';

const one = {
  threads: { plan: 2, train: 1, planner: 2 },
  own: { plan: { open: 5 }, train: { open: 0 }, planner: { open: 1 } },
  nodes: undefined,
  plansDue: () => 7,
  trainingsDue: () => 3,
  jobsDue: async () => 4,
};

test('on one machine, what exceeds the threads waits, and so do due plans and jobs', async () => {
  assert.deepEqual(await queuesOf(one), [
    { kind: 'plan', waiting: 10, running: 2, threads: 2, nodeThreads: null },
    { kind: 'train', waiting: 3, running: 0, threads: 1, nodeThreads: null },
    { kind: 'planner', waiting: 4, running: 1, threads: 2, nodeThreads: null },
  ]);
});

test('work at job nodes is added; jobs are unknown while the database does not answer', async () => {
  const of = { plan: 3, train: 1, planner: 0 };
  const nodes = (): NodesStanding => ({
    threads: { plan: 4, train: 1, planner: 1 },
    running: of,
    queued: byLane(() => 10),
    waiting: of,
    dead: 0,
    aloneSince: null,
    asked: 0,
    nodes: [],
    late: 0,
  });
  const jobsDue = () => Promise.reject(new Error('no route'));
  assert.deepEqual(await queuesOf({ ...one, nodes, jobsDue }), [
    { kind: 'plan', waiting: 20, running: 5, threads: 2, nodeThreads: 4 },
    { kind: 'train', waiting: 13, running: 1, threads: 1, nodeThreads: 1 },
    { kind: 'planner', waiting: null, running: 1, threads: 2, nodeThreads: 1 },
  ]);
});
