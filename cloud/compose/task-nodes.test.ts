import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { readConfig } from '../../shared/config/read-config.ts';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { CloudConfig } from '../config.ts';
import { FakeQueue } from '../task-queue/testing/fake-queue.ts';
import { nodesFault } from '../task-queue/nodes-fault.ts';
import { heavyPools } from './pools.ts';
import { composeTaskNodes } from './task-nodes.ts';

/** An owner with these roles and one thread for plans, and what it reports. */
async function ownerOf(roles: string, before?: (queue: FakeQueue) => Promise<void>) {
  const config = readConfig(CloudConfig, { file: 'cloud.yaml', text: `roles: ${roles}\ndispatch: { workers: 1 }\n` });
  const clock = new VirtualClock(1_800_000_000_000);
  const queue = new FakeQueue();
  await before?.(queue);
  const reported = { alone: [] as boolean[], dead: [] as string[], workers: [] as number[], log: [] as string[] };
  const nodes = composeTaskNodes({
    config,
    own: heavyPools(config),
    open: (owner) => queue.owner(owner),
    time: clock.machine,
    logger: {
      info: (...words: unknown[]) => void reported.log.push(`info ${String(words.at(-1))}`),
      error: (...words: unknown[]) => void reported.log.push(`error ${String(words.at(-1))}`),
    },
    onAlone: (isAlone) => reported.alone.push(isAlone),
    onDead: (task) => void reported.dead.push(task),
    onPlanWorkers: () => reported.workers.push(nodes.planWorkers()),
    onFailure: assert.ifError,
  });
  nodes.start();
  await turn();
  return { nodes, clock, queue, reported };
}

const nobody = { onTask: () => undefined, onClose: () => undefined };

test('if only job nodes make plans, having none is an alarm until one connects', async () => {
  const { nodes, clock, queue, reported } = await ownerOf('[owner, api]');
  assert.equal(nodes.planWorkers(), 0);
  await clock.advance(30_000);
  assert.deepEqual(reported.alone, [true]);
  assert.match(
    reported.log.at(-1)!,
    /^error no job node has been connected since 2027-01-15T08:00:00\.000Z: plans in force continue/,
  );
  await queue.node(2, nobody);
  await clock.advance(5000);
  assert.deepEqual(reported.workers, [2]);
  await clock.advance(5000);
  assert.deepEqual([reported.alone, reported.log.at(-1)], [[true, false], 'info job nodes make plans again']);
  await nodes.stop();
});

test('how long job nodes are missing does not depend on the wall clock', async (t) => {
  const { nodes, clock, reported } = await ownerOf('[owner, api]');
  t.after(() => nodes.stop());
  await clock.advance(10_000);
  clock.step(3_600_000);
  await clock.advance(5000);
  assert.deepEqual(reported.alone, []);
  clock.step(-7_200_000);
  await clock.advance(15_000);
  assert.deepEqual(reported.alone, [true]);
});

test('job nodes connected at the start are reported once, which ends an alarm of the previous process', async (t) => {
  const { nodes, clock, reported } = await ownerOf('[owner, api]', async (queue) => {
    await queue.node(2, nobody);
  });
  t.after(() => nodes.stop());
  assert.equal(nodesFault(nodes.standing()), undefined);
  await clock.advance(60_000);
  assert.deepEqual([reported.alone, reported.log.filter((line) => line.startsWith('error'))], [[false], []]);
});

test('a connection to the broker that is lost and soon restored is no alarm', async (t) => {
  const { nodes, clock, queue, reported } = await ownerOf('[owner, api]', async (queue) => {
    await queue.node(2, nobody);
  });
  t.after(() => nodes.stop());
  await clock.advance(24_000);
  queue.nodes.length = 0;
  for (const { onClose } of queue.owners.values()) onClose('the broker fell');
  await clock.advance(2000);
  assert.notEqual(nodes.standing().aloneSince, null);
  await queue.node(2, nobody);
  await clock.advance(60_000);
  assert.deepEqual(reported.alone, [false]);
});

test('an owner with its own threads adds those of job nodes, and needs none of them', async () => {
  const { nodes, clock, queue, reported } = await ownerOf('[owner, job, api]');
  await clock.advance(60_000);
  assert.deepEqual([nodes.planWorkers(), reported.alone, reported.log], [1, [false], []]);
  await queue.node(2, nobody);
  await clock.advance(5000);
  assert.deepEqual(reported.workers, [3]);
  await nodes.stop();
});

test('a task that no job node completes is reported', async (t) => {
  const { nodes, queue, reported } = await ownerOf('[owner, api]');
  t.after(() => nodes.stop());
  const given = assert.rejects(nodes.work.plan.run('dispatch', {} as never), { code: 'LS-NODE-002' });
  const { id, name } = await until('it is sent', () => queue.sent[0]);
  for (const { onDead } of queue.owners.values()) onDead({ id, name });
  await given;
  assert.deepEqual(reported.dead, ['dispatch']);
  assert.ok(reported.log.includes('error no job node completes dispatch'));
});
