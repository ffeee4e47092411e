import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../cloud/jobs/new-id.ts';
import { horizonAt, RUNNING } from '../../cloud/plan/planner.ts';
import type { DispatchTasks } from '../../cloud/plan/tasks.ts';
import { AmqpOwnerLine } from '../../cloud/task-queue/amqp-owner-line.ts';
import { TaskDesk } from '../../cloud/task-queue/task-desk.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { until } from '../../shared/testing/until.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { usageOf } from '../attack/usage.ts';
import { start, type Scope, type Started } from '../cli/testing/started.ts';
import type { TwoClouds } from '../cli/testing/two-clouds.ts';
import { substationTask } from '../region/substation-problem.ts';
import { rabbitPorts } from '../testing/rabbitmq.ts';
import { threeDigits } from './digits.ts';
import type { BenchOptions } from './options.ts';

export interface JobFigures {
  /** Plans per second with one single-threaded node, and with two. */
  readonly jobsPerSecond: { readonly one: number; readonly two: number };
  readonly cpuMsPerJob: { readonly one: number; readonly two: number };
  readonly jobs: number;
}

interface JobDrill {
  readonly folder: string;
  readonly clouds: Pick<TwoClouds, 'rabbit' | 'secret'>;
  readonly jobs: number;
  readonly say: BenchOptions['say'];
}

/** Substation plans by job nodes in processes of their own: by one, then by two. The nodes have no other work. */
export async function measureJobs(scope: Scope, { folder, clouds, jobs, say }: JobDrill): Promise<JobFigures> {
  const { machine } = new SystemClock((error) => say(String(error)));
  const { address } = clouds.rabbit;
  const owner = newId('bench');
  const desk = new TaskDesk({
    machine,
    random: new SeededRandom(randomInt(2 ** 32)),
    newId: () => newId('task'),
    hasOwn: () => false,
    open: (events) => AmqpOwnerLine.open({ address, owner, ...events }),
    onThreads: () => undefined,
    onDead: () => undefined,
    onStanding: (why) => (why === null ? undefined : say(why)),
    onFailure: (error) => say(String(error)),
  });
  desk.start();
  scope.after(() => desk.stop());
  const nodes: Started[] = [];
  const measure = async (): Promise<{ perSecond: number; cpuMs: number }> => {
    const node = start(scope, 'cloud', '--config', configOf(folder, clouds, nodes.length + 1));
    nodes.push(node);
    await node.says(/Loadstone job node/);
    await until('the node accepts plans', () => desk.threads('plan') === nodes.length);
    // The first plan of a thread compiles and loads its solver.
    await plans(desk, 2 * nodes.length);
    const cpuMs = (): number => nodes.reduce((sum, { child }) => sum + usageOf(child.pid!)!.cpuMs, 0);
    const [from, cpuFrom] = [performance.now(), cpuMs()];
    await plans(desk, jobs);
    return { perSecond: (1000 * jobs) / (performance.now() - from), cpuMs: (cpuMs() - cpuFrom) / jobs };
  };
  say(`${jobs} plans on one job node ...`);
  const one = await measure();
  say(`${jobs} plans on two ...`);
  const two = await measure();
  const rounded = (of: 'perSecond' | 'cpuMs') => ({ one: threeDigits(one[of]), two: threeDigits(two[of]) });
  return { jobsPerSecond: rounded('perSecond'), cpuMsPerJob: rounded('cpuMs'), jobs };
}

async function plans(desk: TaskDesk, count: number): Promise<void> {
  const ask = async (n: number): Promise<void> => {
    const input = substationTask({
      start: Date.UTC(2021, 6, 5, 8, 5 * n),
      stepsS: horizonAt(1),
      clearness: 0.95,
      loadFactor: 0.35,
      options: RUNNING,
    });
    const answer = await desk.ask('plan', 'dispatch', { input, isSoon: false });
    unwrap(answer as Awaited<ReturnType<DispatchTasks['dispatch']>>);
  };
  await Promise.all(Array.from({ length: count }, (_, n) => ask(n)));
}

function configOf(folder: string, { rabbit, secret }: JobDrill['clouds'], number: number): string {
  const { user, password } = rabbit.address;
  const file = join(folder, `job-${number}.yaml`);
  const rabbitmq = {
    host: '127.0.0.1',
    user,
    security: 'none',
    passwordFile: secret('job-password', password),
    ...rabbitPorts(rabbit),
  };
  const parts = {
    roles: ['job'],
    data: join(folder, `job-${number}`),
    api: { port: 0 },
    uplink: { rabbitmq },
    dispatch: { workers: 1 },
  };
  writeFileSync(
    file,
    Object.entries(parts)
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
      .join(''),
  );
  return file;
}
