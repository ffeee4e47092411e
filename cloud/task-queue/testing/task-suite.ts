import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Compute, TaskTable } from '../../../shared/ports/compute.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { until } from '../../../shared/testing/until.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { VERSION } from '../../../shared/version.ts';
import { countedCompute } from '../../compute/counted-compute.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { BrokerAddress } from '../../ingest/rabbitmq/address.ts';
import { newId } from '../../jobs/new-id.ts';
import { startCloud } from '../../main.ts';
import { plannerTasks } from '../../planner/planner-tasks.ts';
import { AmqpNodeLine } from '../amqp-node-line.ts';
import { AmqpOwnerLine } from '../amqp-owner-line.ts';
import { sharedCompute } from '../shared-compute.ts';
import { TaskDesk } from '../task-desk.ts';

const TASKS = 400;
const fail = (error: unknown): void => {
  throw error;
};
const { machine } = new SystemClock(fail);

interface TestTasks extends TaskTable {
  dispatch(input: { readonly n: number; readonly held: boolean }): { readonly n: number; readonly curve: Float64Array };
}

/** An owner without threads of its own. */
function ownerAt(t: TestContext, address: BrokerAddress) {
  const reported = { dead: 0, standing: [] as (string | null)[] };
  const owner = newId('owner');
  const desk = new TaskDesk({
    open: (events) => AmqpOwnerLine.open({ address, owner, ...events }),
    machine,
    random: new SeededRandom(1),
    newId: () => newId('task'),
    hasOwn: () => false,
    reconnectS: [0.2, 0.5],
    onThreads: () => undefined,
    onDead: () => void reported.dead++,
    onStanding: (why) => reported.standing.push(why),
    onFailure: fail,
  });
  const nothing = countedCompute(
    inlineCompute<TestTasks>({ dispatch: () => assert.fail('the owner computed the task itself') }),
  );
  const compute: Compute<TestTasks> = sharedCompute<TestTasks>({ lane: 'plan', own: nothing, ownThreads: 0, desk });
  desk.start();
  t.after(() => desk.stop());
  return { desk, compute, reported };
}

interface Holding {
  readonly n: number;
  readonly node: ChildProcess;
}

/** Nodes in processes of their own; `held` tells which node held which task, in the order taken. */
function nodesOf(t: TestContext) {
  const held: Holding[] = [];
  const start = (address: BrokerAddress): ChildProcess => {
    const node = fork(new URL('node.child.ts', import.meta.url), [JSON.stringify(address)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    node.on('message', (message: { readonly held: number }) => void held.push({ n: message.held, node }));
    t.after(() => node.kill('SIGKILL'));
    return node;
  };
  const holder = (what: string, is: (holding: Holding) => boolean): Promise<ChildProcess> =>
    until(what, () => held.find(is)?.node);
  return { start, holder };
}

/** The suite for tasks on a real broker. `rights` creates a user with these permissions and returns its address. */
export function taskSuite(
  address: () => BrokerAddress,
  rights: (name: string, rights: { configure: string; write: string; read: string }) => Promise<BrokerAddress>,
): void {
  test('400 tasks are answered once each, with one node killed and one frozen, whose late answer is discarded', async (t) => {
    const { desk, compute } = ownerAt(t, address());
    const { start, holder } = nodesOf(t);
    // One node uses the permissions that the guide gives a job node.
    const rightsOfNode = { configure: '^$', write: '^loadstone\\.answers$', read: '^loadstone\\.tasks\\.[0-9]' };
    for (const at of [address(), address(), await rights('job', rightsOfNode)]) start(at);
    await until('all three accept tasks', () => desk.threads('plan') === 3);
    await until('all three have announced themselves', () => desk.standing().nodes.length === 3);
    assert.ok(desk.standing().nodes.every(({ version }) => version === VERSION));
    const [killed, frozen] = [100, 200];
    const answers = Array.from({ length: TASKS }, async (_, n) =>
      compute.run('dispatch', { n, held: n === killed || n === frozen }),
    );
    const first = await holder('one is taken', ({ n }) => n === killed);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const second = await holder('the other is taken', ({ n, node }) => n === frozen && node !== first);
    second.kill('SIGSTOP');
    // The frozen node reads this once it wakes.
    second.send('go');
    await until('the broker has ended the line of the frozen one', () => desk.threads('plan') === 1);
    const third = await holder('the last has one of them', ({ node }) => node !== first && node !== second);
    third.send('go');
    const values = await Promise.all(answers);
    assert.deepEqual(
      values.map(({ n, curve }) => [n, curve[0]]),
      values.map((_, n) => [n, n]),
    );
    assert.deepEqual([desk.standing().asked, desk.standing().late], [0, 0]);
    second.kill('SIGCONT');
    await until('its late answer arrives', () => desk.standing().late === 1);
    await until('nothing is left', async () => Object.values(desk.standing().waiting).every((count) => count === 0));
  });

  test('tasks of an owner that has gone are neither computed nor answered to another owner', async (t) => {
    const first = ownerAt(t, address());
    const left = assert.rejects(first.compute.run('dispatch', { n: 1, held: false }), { code: 'LS-NODE-001' });
    await until('it waits in the queue', async () => first.desk.standing().waiting.plan === 1, { mostMs: 1000 });
    await first.desk.stop();
    await left;
    const second = ownerAt(t, address());
    nodesOf(t).start(address());
    assert.equal((await second.compute.run('dispatch', { n: 2, held: false })).n, 2);
    assert.deepEqual([second.desk.standing().late, second.desk.standing().asked], [0, 0]);
  });

  test('a task that kills every node is given up, kept aside and reported', async (t) => {
    const { desk, compute, reported } = ownerAt(t, address());
    await until('the owner is in', () => reported.standing.at(-1) === null);
    const before = desk.standing().dead;
    const given = assert.rejects(compute.run('dispatch', { n: 13, held: false }), {
      code: 'LS-NODE-002',
    });
    let ends = 0;
    for (let isOver = false; !isOver; ends++) {
      const taken = Promise.withResolvers<void>();
      const line = await AmqpNodeLine.open({
        address: address(),
        threads: { plan: 1, train: 0, planner: 0 },
        onTask: () => taken.resolve(),
        onClose: () => undefined,
      });
      isOver = await Promise.race([taken.promise.then(() => false), given.then(() => true)]);
      await line.end();
    }
    // A delivery on its way to a node that has just left counts too.
    assert.ok(ends > 2 && ends <= 5, `at most four nodes, and one that finds nothing: ${ends}`);
    await until('it is counted', () => desk.standing().dead === before + 1 && reported.dead === 1);
  });

  test('a job node process computes with its threads, reports its health, and ends on a signal', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'loadstone-node-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const at = address();
    const files = { passwordFile: join(dir, 'password'), caFile: join(dir, 'roots.pem') };
    writeFileSync(files.passwordFile, at.password);
    writeFileSync(files.caFile, at.roots ?? '');
    const amqpPort = Number(new URL(at.amqpUrl).port);
    const rabbitmq = { host: '127.0.0.1', user: at.user, security: 'none', amqpPort, ...files };
    const node = await startCloud({
      file: 'job.yaml',
      text: JSON.stringify({ roles: ['job'], data: join(dir, 'none'), api: { port: 0 }, uplink: { rabbitmq } }),
      flags: {},
      dashboardRoot: undefined,
      parent: undefined,
      log: () => undefined,
    });
    const stopped = new AsyncDisposableStack();
    stopped.defer(() => node.stop());
    t.after(() => stopped.disposeAsync());
    const read = (path: string): Promise<Response> => fetch(`${node.url}${path}`);
    const health = await until('it accepts tasks', async () => {
      const answer = await read('/health');
      return answer.ok && (await answer.text());
    });
    assert.equal(health, '{"ok":true,"broker":"ok"}');
    const { desk } = ownerAt(t, at);
    const history = { start: 0, stepS: 3600, values: Float64Array.from({ length: 24 * 28 }, (_, hour) => hour % 24) };
    const ask = { baseline: 'sameHourMean', history, steps: 24 } as const;
    const answer = await desk.ask('planner', 'naiveForecast', { input: ask, isSoon: false });
    assert.deepEqual(answer, plannerTasks.naiveForecast(ask));
    const metrics = await (await read('/metrics')).text();
    assert.match(metrics, /^loadstone_job_tasks_total\{lane="planner",outcome="done"\} 1$/m);
    assert.match(metrics, /^loadstone_broker_up 1$/m);
    assert.equal((await read('/')).status, 404);
    await stopped.disposeAsync();
    await assert.rejects(read('/health'));
    await until('the owner sees it go', () => desk.threads('planner') === 0);
  });
}
