import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Compute, TaskTable } from '../../shared/ports/compute.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { countedCompute } from '../compute/counted-compute.ts';
import { inlineCompute } from '../compute/inline-compute.ts';
import { byLane, LANES, travels } from './lanes.ts';
import { nodesFault } from './nodes-fault.ts';
import { sharedCompute } from './shared-compute.ts';
import { pack, TooLarge, unpack } from './task-bytes.ts';
import { TaskDesk } from './task-desk.ts';
import { TaskWorker } from './task-worker.ts';
import { FakeQueue } from './testing/fake-queue.ts';

const random = new SeededRandom(1);
const fail = (error: unknown): void => {
  throw error;
};

interface Held {
  readonly n: number;
  readonly end: PromiseWithResolvers<void>;
}

/** The result of the task with this number does not fit into a message. */
const LARGE = 1000;

/** Plans that end on demand, with a node that works on them. */
function tasksOf() {
  const held: Held[] = [];
  const table = {
    dispatch: async ({ n }: { readonly n: number }) => {
      const end = Promise.withResolvers<void>();
      held.push({ n, end });
      await end.promise;
      const curve =
        n === LARGE ? Float64Array.from({ length: 2_000_000 }, Math.random) : Float64Array.of(n, Number.NaN);
      return { n: 2 * n, curve };
    },
  };
  return { held, table };
}

/** Waits for packing and unpacking on other threads, however long that takes. */
const settled = (what: () => boolean): Promise<boolean> => until('it is so', what);

function rig(t: TestContext, { own = 0, nodes = 1 }: { own?: number; nodes?: number } = {}) {
  const clock = new VirtualClock(1_800_000_000_000);
  const queue = new FakeQueue();
  const { held, table } = tasksOf();
  const ownTasks = tasksOf();
  const reported = { dead: [] as string[], threads: 0, standing: [] as (string | null)[] };
  let ids = 0;
  const desk = new TaskDesk({
    open: queue.owner('one'),
    machine: clock.machine,
    random,
    newId: () => `task_${++ids}`,
    hasOwn: () => own > 0,
    onThreads: (lane) => lane === 'plan' && reported.threads++,
    onDead: (name) => reported.dead.push(name),
    onStanding: (why) => reported.standing.push(why),
    onFailure: fail,
  });
  type Tasks = typeof table;
  const compute = sharedCompute<Tasks>({
    lane: 'plan',
    own: countedCompute(inlineCompute<Tasks>(ownTasks.table)),
    ownThreads: own,
    desk,
  });
  const node = (places = 1, self = { name: 'process 1 of job-1', version: '0.2.0', since: 5 }): TaskWorker => {
    const pool = inlineCompute<Tasks>(table) as unknown as Compute<TaskTable>;
    const worker = new TaskWorker({
      open: (events) => queue.node(places, events),
      self,
      pools: byLane(() => pool),
      machine: clock.machine,
      random,
      onStanding: () => undefined,
      onStuck: () => undefined,
      onFailure: fail,
    });
    worker.start();
    return worker;
  };
  const workers = Array.from({ length: nodes }, () => node());
  t.after(async () => {
    const stopped = desk.stop();
    await clock.advance(5000);
    await stopped;
  });
  return { clock, queue, desk, compute, node, workers, held, own: ownTasks.held, reported };
}

test('a message carries any value that a thread could receive; an oversized one is not sent', async () => {
  const value = {
    curve: Float64Array.of(1, Number.NaN),
    map: new Map([['a', { b: [undefined, -0] }]]),
    big: 2n,
    none: undefined,
  };
  const bytes = await pack({ repeated: Array.from({ length: 1000 }, () => value) });
  assert.deepEqual(((await unpack(bytes)) as { repeated: unknown[] }).repeated[999], value);
  assert.ok(bytes.length < 2000, `${bytes.length} bytes`);
  await assert.rejects(pack(randomBytes(13_000_000)), TooLarge);
  await assert.rejects(pack(Buffer.alloc(257_000_000)), TooLarge, 'nor is a value that is oversized once unpacked');
  await assert.rejects(
    pack(() => 1),
    /could not be cloned/,
  );
  await assert.rejects(unpack(Buffer.from('no such bytes')));
});

test('an upload is read on the owner; tasks that a user waits for overtake training', () => {
  assert.equal(travels('planner', 'readUpload'), undefined);
  assert.equal(travels('planner', 'constructor'), undefined);
  assert.deepEqual([travels('planner', 'weekAhead'), travels('train', 'trainForecast')], ['soon', 'later']);
});

test('an owner without its own threads leaves tasks to job nodes; waiting tasks start on the first to connect', async (t) => {
  const { clock, queue, desk, compute, node, held, own, reported } = rig(t, { nodes: 0 });
  desk.start();
  await turn();
  const answer = compute.run('dispatch', { n: 21 });
  await settled(() => queue.sent.length === 1);
  assert.equal(desk.threads('plan'), 0);
  assert.equal(
    nodesFault(desk.standing()),
    'no job node has been connected since 2027-01-15T08:00:00.000Z: plans in force continue, but no new plan is made',
  );
  node();
  await clock.advance(5000);
  assert.deepEqual([desk.threads('plan'), reported.threads, nodesFault(desk.standing())], [1, 1, undefined]);
  await settled(() => held.length === 1);
  held[0]!.end.resolve();
  assert.deepEqual(await answer, { n: 42, curve: Float64Array.of(21, Number.NaN) });
  assert.equal(own.length, 0);
});

test('tasks count as running once a node works on them, and as queued if its node is gone', async (t) => {
  const { clock, queue, desk, compute, held } = rig(t);
  desk.start();
  await turn();
  await clock.advance(5000);
  const counts = () => [desk.standing().running.plan, desk.standing().queued.plan, desk.standing().queued.train];
  const answers = [1, 2, 3].map((n) => compute.run('dispatch', { n }));
  void Promise.allSettled(answers);
  // What a node says arrives a moment after it has begun.
  const isRunning = () => desk.standing().running.plan === 1;
  await settled(() => held.length === 1 && queue.sent.length === 3 && isRunning());
  assert.deepEqual(counts(), [1, 2, 0]);
  held[0]!.end.resolve();
  await answers[0];
  await settled(() => held.length === 2 && isRunning());
  assert.deepEqual(counts(), [1, 1, 0]);
  queue.lose(queue.nodes[0]!, 'killed', true);
  await clock.advance(5000);
  assert.deepEqual(counts(), [0, 2, 0]);
  for (const { end } of held) end.resolve();
});

test('job nodes are known by name and version, also of another version, until they are gone', async (t) => {
  const { clock, queue, desk, node } = rig(t);
  desk.start();
  await turn();
  const older = node(0, { name: 'process 7 of job-2', version: '0.1.9', since: 3 });
  await clock.advance(5000);
  const versions = () => Object.fromEntries(desk.standing().nodes.map(({ name, version }) => [name, version]));
  const first = { 'process 1 of job-1': '0.2.0' };
  assert.deepEqual(versions(), { ...first, 'process 7 of job-2': '0.1.9' });
  const stopped = older.stop(0);
  await clock.advance(5000);
  await stopped;
  assert.equal(Object.keys(versions()).length, 2, 'one that is restarted stays for a moment');
  await clock.advance(15_000);
  assert.deepEqual(versions(), first);
  queue.owners.get('one')!.onNode({ name: 'process 1 of job-1', version: '0.3.0', since: 9 });
  assert.deepEqual(versions(), { 'process 1 of job-1': '0.3.0' });
});

test('own threads are used first, and job nodes get the rest', async (t) => {
  const { clock, desk, compute, held, own } = rig(t, { own: 1 });
  desk.start();
  await turn();
  await clock.advance(5000);
  const answers = [1, 2].map((n) => compute.run('dispatch', { n }));
  await settled(() => held.length === 1);
  assert.deepEqual([own.map(({ n }) => n), held.map(({ n }) => n)], [[1], [2]]);
  for (const { end } of [...own, ...held]) end.resolve();
  assert.deepEqual((await Promise.all(answers)).map(({ n }) => n), [2, 4]); // prettier-ignore
});

test('an owner with its own threads computes the tasks of job nodes that left', async (t) => {
  const { clock, queue, desk, compute, held, own } = rig(t, { own: 1 });
  desk.start();
  await turn();
  await clock.advance(5000);
  const answers = [1, 2].map((n) => compute.run('dispatch', { n }));
  await settled(() => held.length === 1);
  queue.lose(queue.nodes[0]!, 'killed', true);
  await clock.advance(5000);
  await settled(() => own.length === 2);
  for (const { end } of own) end.resolve();
  assert.deepEqual((await Promise.all(answers)).map(({ n }) => n), [2, 4]); // prettier-ignore
});

test('a task being packed while the job nodes leave is computed by the owner', async (t) => {
  const { clock, queue, desk, compute, own } = rig(t, { own: 1 });
  desk.start();
  await turn();
  await clock.advance(5000);
  const answers = [1, 2].map((n) => compute.run('dispatch', { n }));
  queue.owners.get('one')!.onClose('the broker is gone');
  await settled(() => own.length === 2);
  for (const { end } of own) end.resolve();
  assert.deepEqual((await Promise.all(answers)).map(({ n }) => n), [2, 4]); // prettier-ignore
});

test('the task of a node that dies is requeued; the late answer of a frozen node is discarded', async (t) => {
  const { queue, desk, compute, node, workers, held, clock } = rig(t);
  desk.start();
  await turn();
  await clock.advance(5000);
  const answer = compute.run('dispatch', { n: 5 });
  await settled(() => held.length === 1);
  const [frozen] = queue.nodes;
  queue.lose(frozen!, 'no heartbeat', true);
  node();
  await settled(() => held.length === 2);
  held[1]!.end.resolve();
  assert.equal((await answer).n, 10);
  // It wakes, finishes, finds its line lost, and answers over the next one.
  held[0]!.end.resolve();
  await settled(() => workers[0]!.counts.plan.busy === 0);
  assert.equal(desk.standing().late, 0);
  frozen!.close('reset by the broker');
  await clock.advance(1000);
  await settled(() => desk.standing().late === 1);
});

test('tasks in progress when the owner loses its connection are resent and count once', async (t) => {
  const { clock, queue, desk, compute, held, reported } = rig(t);
  desk.start();
  await turn();
  const answer = compute.run('dispatch', { n: 3 });
  await settled(() => held.length === 1);
  queue.owners.get('one')!.onClose('the broker was restarted');
  await clock.advance(1000);
  await settled(() => queue.sent.length === 2);
  assert.equal(queue.sent[0]!.id, queue.sent[1]!.id);
  held[0]!.end.resolve();
  assert.equal((await answer).n, 6);
  await settled(() => held.length === 2);
  held[1]!.end.resolve();
  await settled(() => desk.standing().late === 1);
  assert.deepEqual(reported.standing, [null, 'the broker was restarted', null]);
});

test('a node that gets back a task in hand after lost lines computes it once', async (t) => {
  const { clock, queue, desk, compute, workers, held } = rig(t);
  desk.start();
  await turn();
  const answer = compute.run('dispatch', { n: 3 });
  await settled(() => held.length === 1);
  for (let times = 0; times < 2; times++) {
    queue.lose(queue.nodes[0]!, 'the network');
    await clock.advance(2000);
    await settled(() => queue.nodes[0]?.inHand.size === 1);
    await turn();
    assert.equal(workers[0]!.counts.plan.busy, 1);
  }
  held[0]!.end.resolve();
  assert.equal((await answer).n, 6);
  await settled(() => queue.nodes[0]!.inHand.size === 0);
  const next = compute.run('dispatch', { n: 4 });
  await settled(() => held.length === 2);
  queue.lose(queue.nodes[0]!, 'the network');
  held[1]!.end.resolve();
  await settled(() => workers[0]!.counts.plan.done === 2);
  await clock.advance(2000);
  assert.equal((await next).n, 8, 'it ended between two lines');
  await turn();
  assert.equal(workers[0]!.counts.plan.busy, 0);
  await settled(() => queue.nodes[0]!.inHand.size === 0);
  assert.deepEqual([queue.waiting.length, desk.standing().late], [0, 0]);
});

test('a node with a free thread computes a task once that the owner sends again', async (t) => {
  const { clock, queue, desk, compute, node, held } = rig(t, { nodes: 0 });
  desk.start();
  await turn();
  const worker = node(2);
  const answer = compute.run('dispatch', { n: 3 });
  await settled(() => held.length === 1);
  queue.owners.get('one')!.onClose('the broker was restarted');
  await clock.advance(1000);
  await settled(() => queue.nodes[0]!.inHand.size === 2);
  await turn();
  assert.equal(worker.counts.plan.busy, 1);
  held[0]!.end.resolve();
  assert.equal((await answer).n, 6);
  await settled(() => queue.nodes[0]!.inHand.size === 0);
  assert.equal(desk.standing().late, 0);
});

test('a node does not work on tasks of an owner that has gone', async (t) => {
  const { clock, queue, desk, compute, node, held } = rig(t, { nodes: 0 });
  desk.start();
  await turn();
  const left = assert.rejects(compute.run('dispatch', { n: 1 }), { code: 'LS-NODE-001' });
  await settled(() => queue.sent.length === 1);
  queue.owners.delete('one');
  const worker = node();
  await settled(() => worker.counts.plan.orphaned === 1);
  assert.deepEqual([held.length, queue.waiting.length], [0, 0]);
  const stopped = desk.stop();
  await clock.advance(5000);
  await stopped;
  await left;
  await assert.rejects(compute.run('dispatch', { n: 2 }), { code: 'LS-NODE-001' });
});

test('an error of a task is thrown at the owner; a task that no node completes is given up and reported', async (t) => {
  const { clock, queue, desk, compute, held, reported } = rig(t);
  desk.start();
  await turn();
  await clock.advance(5000);
  const failed = compute.run('dispatch', { n: 1 });
  await settled(() => held.length === 1);
  held[0]!.end.reject(new Error('no power flow'));
  await assert.rejects(failed, { message: 'no power flow' });
  const poison = compute.run('dispatch', { n: 2 });
  await settled(() => held.length === 2);
  queue.dead = 1;
  queue.owners.get('one')!.onDead({ id: 'task_2', name: 'dispatch' });
  assert.deepEqual(reported.dead, ['dispatch'], 'reported before the next check');
  await assert.rejects(poison, { code: 'LS-NODE-002', message: /^dispatch was given up: it was returned four times/ });
  await clock.advance(5000);
  assert.deepEqual([reported.dead.length, desk.standing().dead], [1, 1]);
  queue.owners.get('one')!.onDead({ id: 'task_2', name: 'dispatch' });
  assert.equal(reported.dead.length, 1, 'a copy of a task that is settled is no news');
});

test('a task whose result is too large for a message is computed by the owner', async (t) => {
  const { clock, desk, compute, held, own } = rig(t);
  desk.start();
  await turn();
  await clock.advance(5000);
  const answer = compute.run('dispatch', { n: LARGE });
  await settled(() => held.length === 1);
  held[0]!.end.resolve();
  await settled(() => own.length === 1);
  own[0]!.end.resolve();
  assert.equal((await answer).curve.length, 2_000_000);
});

test('a full broker is retried at the next check', async (t) => {
  const { clock, queue, desk, compute, held } = rig(t);
  desk.start();
  await turn();
  queue.takes = false;
  const answer = compute.run('dispatch', { n: 4 });
  await settled(() => desk.standing().asked === 1);
  queue.takes = true;
  await clock.advance(5000);
  await settled(() => held.length === 1);
  held[0]!.end.resolve();
  assert.equal((await answer).n, 8);
});

const MUTE = 'RabbitMQ does not answer: check whether its memory or disk is full';

test('a broker that keeps the connection but does not answer counts as away until it does', async (t) => {
  const { clock, queue, desk, compute, own, reported } = rig(t, { own: 1 });
  desk.start();
  await turn();
  await clock.advance(5000);
  assert.equal(desk.threads('plan'), 1);
  const mute = Promise.withResolvers<void>();
  queue.mute = mute.promise;
  const answers = [1, 2].map((n) => compute.run('dispatch', { n }));
  await settled(() => desk.standing().asked === 1);
  await clock.advance(15_000);
  assert.deepEqual([reported.standing, desk.threads('plan')], [[null, MUTE], 0]);
  await settled(() => own.length === 2);
  for (const { end } of own) end.resolve();
  assert.deepEqual((await Promise.all(answers)).map(({ n }) => n), [2, 4]); // prettier-ignore
  queue.mute = undefined;
  mute.resolve();
  await settled(() => desk.threads('plan') === 1);
  assert.deepEqual(reported.standing, [null, MUTE, null]);
});

test('a stopping node finishes its tasks and accepts no more; slow ones go to another node', async (t) => {
  const { clock, queue, desk, compute, workers, node, held } = rig(t);
  desk.start();
  await turn();
  await clock.advance(5000);
  const answers = [1, 2].map((n) => compute.run('dispatch', { n }));
  await settled(() => held.length === 1);
  const [leaving] = queue.nodes;
  const stopped = workers[0]!.stop(15_000);
  const straggler = {
    id: 'task_9',
    lane: 'plan',
    name: 'dispatch',
    body: new Uint8Array(),
    owner: 'one',
    tag: 99,
  } as const;
  const given: number[] = [];
  leaving!.take(straggler, { ...leaving!.line, giveBack: ({ tag }) => void given.push(tag) });
  assert.deepEqual(given, [], 'not while the broker would send it to the same node');
  held[0]!.end.resolve();
  await stopped;
  assert.deepEqual(given, [99], 'a task in transit goes to another node');
  assert.deepEqual([workers[0]!.counts.plan.done, queue.waiting.length], [1, 1]);
  const slow = node();
  await settled(() => held.length === 2);
  const cut = slow.stop(15_000);
  await turn();
  await clock.advance(15_000);
  await cut;
  assert.equal(queue.waiting.length, 1, 'it waits for another node');
  held[1]!.end.reject(new Error('the thread was ended'));
  node();
  await settled(() => held.length === 3);
  held[2]!.end.resolve();
  assert.deepEqual((await Promise.all(answers)).map(({ n }) => n), [2, 4]); // prettier-ignore
  assert.equal(slow.counts.plan.failed, 0, 'a task that ends with the process counts as unanswered');
});

test('a node that stops while disconnected does not reconnect, which would bring it tasks', async (t) => {
  const { clock, queue, desk, compute, workers, node, held } = rig(t);
  desk.start();
  await turn();
  await clock.advance(5000);
  const answer = compute.run('dispatch', { n: 1 });
  await settled(() => held.length === 1);
  queue.lose(queue.nodes[0]!, 'the network');
  const stopped = workers[0]!.stop(15_000);
  await clock.advance(10_000);
  assert.deepEqual([queue.nodes.length, queue.waiting.length], [0, 1]);
  held[0]!.end.resolve();
  await stopped;
  node();
  await settled(() => held.length === 2);
  held[1]!.end.resolve();
  assert.equal((await answer).n, 2);
});

test('every lane has its names', () => assert.deepEqual(Object.keys(byLane(() => 0)), LANES));
