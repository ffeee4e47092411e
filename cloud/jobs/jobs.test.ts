import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { Job } from './job.ts';
import { JobRunner, type JobHandler } from './job-runner.ts';
import { SqliteJobStore } from './sqlite-job-store.ts';

function rig(handlers: Record<string, JobHandler>, store = opened()) {
  const clock = new VirtualClock(1_000_000);
  const ended: Job[] = [];
  const bugs: unknown[] = [];
  let number = 0;
  const runner = new JobRunner({
    store,
    time: clock.plant,
    handlers,
    long: ['long'],
    newId: () => `job_${++number}`,
    onFinished: (job) => void ended.push(job),
    onBug: (error) => void bugs.push(error),
  });
  return { clock, store, runner, ended, bugs };
}

function opened(): SqliteJobStore {
  const store = new SqliteJobStore(':memory:');
  store.open();
  return store;
}

const PATIENCE = 60_000;
const asked = (kind: string, owner = 'me') => ({ kind, owner, request: { n: 1 } });

test('jobs run in turn, each with progress and a result or a coded fault', async () => {
  const seen: number[] = [];
  const { runner, ended, bugs } = rig({
    good: async (_request, { id, progress }) => {
      progress(0.5);
      seen.push((await runner.get(id))!.progress);
      return '/v1/forecasts/fc_1';
    },
    refused: async () => {
      throw new LoadstoneError('LS-FORECAST-001', 'too little history', '/target');
    },
    broken: async () => {
      throw new TypeError('a bug');
    },
  });
  await runner.start();
  const ids = [];
  for (const kind of ['good', 'refused', 'broken', 'unknown']) ids.push((await runner.submit(asked(kind))).id);
  assert.equal((await runner.get(ids[0]!))!.status, 'queued');
  for (const id of ids) await runner.finished(id, PATIENCE);
  assert.deepEqual(
    ended.map(({ status, href, fault }) => [status, href ?? fault?.code]),
    [
      ['succeeded', '/v1/forecasts/fc_1'],
      ['failed', 'LS-FORECAST-001'],
      ['failed', 'LS-API-010'],
      ['failed', 'LS-JOB-001'],
    ],
  );
  assert.deepEqual(seen, [0.5]);
  assert.equal((await runner.get(ids[0]!))!.progress, 1);
  assert.equal(bugs.length, 1);
  await runner.stop();
});

test('a job on a job node returns to the queue when the process stops, and starts again', async () => {
  let begun = 0;
  const store = opened();
  const leave = async (): Promise<string> => {
    begun++;
    throw new LoadstoneError('LS-NODE-001', 'the cloud stops');
  };
  const { runner, ended } = rig({ far: leave }, store);
  await runner.start();
  const { id } = await runner.submit(asked('far'));
  await until('the job is back in the queue', async () => begun > 0 && (await runner.get(id))!.status === 'queued');
  await runner.stop();
  assert.deepEqual([begun, ended], [1, []]);
  const next = rig({ far: async () => '/there' }, store);
  await next.runner.start();
  assert.equal((await next.runner.finished(id, PATIENCE))!.status, 'succeeded');
  await next.runner.stop();
});

test('a cancelled job ends at its next check without a result; a finished job stays finished', async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { runner, ended } = rig({
    long: async (_request, { check }) => {
      begun.resolve();
      await gate.promise;
      check();
      return '/never';
    },
    short: async () => '/there',
  });
  await runner.start();
  const { id } = await runner.submit(asked('long'));
  const behind = (await runner.submit(asked('short'))).id;
  await begun.promise;
  assert.equal((await runner.cancel(id))!.status, 'cancelled');
  gate.resolve();
  assert.equal((await runner.finished(behind, PATIENCE))!.status, 'succeeded');
  assert.equal((await runner.get(id))!.href, null);
  assert.equal((await runner.cancel(behind))!.status, 'succeeded');
  assert.equal(await runner.cancel('job_99'), undefined);
  assert.equal(ended.length, 2);
});

test('a restart resumes running and waiting jobs; a job that kills the process three times fails', async () => {
  const store = opened();
  await store.add('job_a', asked('good'), { createdAt: 1, most: 9 });
  await store.add('job_b', asked('good'), { createdAt: 2, most: 9 });
  assert.equal((await store.take())!.job.id, 'job_a');
  const second = rig({ good: async () => '/done' }, store);
  await second.runner.start();
  assert.equal((await second.runner.finished('job_a', PATIENCE))!.status, 'succeeded');
  assert.equal((await second.runner.finished('job_b', PATIENCE))!.status, 'succeeded');

  await second.runner.stop();

  await store.add('job_c', asked('good'), { createdAt: 3, most: 9 });
  for (let start = 0; start < 3; start++) {
    await store.take();
    await store.requeue();
  }
  const third = rig({ good: async () => '/done' }, store);
  await third.runner.start();
  assert.equal((await third.runner.finished('job_c', PATIENCE))!.fault?.code, 'LS-JOB-001');
});

test('a job interrupted by clean stops starts again any number of times', async () => {
  const store = opened();
  await store.add('job_a', asked('long'), { createdAt: 1, most: 9 });
  for (let start = 0; start < 5; start++) {
    const begun = Promise.withResolvers<void>();
    const stops = Promise.withResolvers<void>();
    const { runner } = rig(
      {
        long: async (_request, { check }) => {
          begun.resolve();
          await stops.promise;
          check();
          return '/never';
        },
      },
      store,
    );
    await runner.start();
    await Promise.race([begun.promise, runner.finished('job_a', PATIENCE)]);
    const stopped = runner.stop();
    stops.resolve();
    await stopped;
  }
  const last = rig({ long: async () => '/done' }, store);
  await last.runner.start();
  assert.equal((await last.runner.finished('job_a', PATIENCE))!.href, '/done');
});

test('the runner survives a failing store; jobs whose end was not stored run again', async () => {
  let runs = 0;
  const { runner, store, clock, bugs } = rig({ good: async () => `/${++runs}` });
  const finish = store.finish.bind(store);
  store.finish = () => Promise.reject(new LoadstoneError('LS-STORE-001', 'the disk is full'));
  const [one, other] = [await runner.submit(asked('good')), await runner.submit(asked('good'))];
  await until('the failure is reported', () => bugs.length > 0);
  store.finish = finish;
  await clock.advance(10_000);
  assert.equal((await runner.finished(one.id, PATIENCE))!.status, 'succeeded');
  assert.equal((await runner.finished(other.id, PATIENCE))!.status, 'succeeded');
  assert.equal(runs, 3);
  await runner.stop();
});

test('a job whose success the store rejects once does not fail: it runs again', async () => {
  const { runner, store, clock, ended, bugs } = rig({ good: async () => '/there' });
  const finish = store.finish.bind(store);
  store.finish = () => {
    store.finish = finish;
    return Promise.reject(new LoadstoneError('LS-STORE-001', 'the database restarts'));
  };
  const { id } = await runner.submit(asked('good'));
  await until('the failure is reported', () => bugs.length + ended.length > 0);
  await clock.advance(10_000);
  assert.equal((await runner.finished(id, PATIENCE))!.status, 'succeeded');
  assert.equal(ended.length, 1);
  await runner.stop();
});

test('a job whose end is lost while the other lane recovers runs again too', async () => {
  const begun: string[] = [];
  const gates = new Map(['first', 'second'].map((name) => [name, Promise.withResolvers<void>()]));
  const { runner, store, clock, bugs } = rig({
    long: async (request: { readonly name: string }) => {
      begun.push(request.name);
      await gates.get(request.name)!.promise;
      return '/long';
    },
    good: async () => '/good',
  });
  const long = (name: string) => runner.submit({ kind: 'long', owner: 'me', request: { name } });
  const [first, second] = [await long('first'), await long('second')];
  await until('the first job has started', () => begun.length === 1);
  const unkept = new Set<string>();
  const finish = store.finish.bind(store);
  store.finish = (id, end) =>
    unkept.has(id) ? Promise.reject(new LoadstoneError('LS-STORE-001', 'the disk is full')) : finish(id, end);
  unkept.add('job_3').add(second.id);
  const good = await runner.submit(asked('good'));
  await until('the end of the short job is not stored', () => bugs.length === 1);
  const looked = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  const requeue = store.requeue.bind(store);
  store.requeue = async () => {
    store.requeue = requeue;
    await requeue();
    looked.resolve();
    await goesOn.promise;
  };
  await clock.advance(10_000);
  await looked.promise;
  for (const { resolve } of gates.values()) resolve();
  await until('the end of the second long job is not stored', () => bugs.length === 2);
  unkept.clear();
  goesOn.resolve();
  await until('the short job is done', async () => (await runner.get(good.id))!.href === '/good');
  await clock.advance(10_000);
  for (const { id } of [first, second])
    await until(`${id} is done`, async () => (await runner.get(id))!.href === '/long');
  await runner.stop();
});

test('one caller cannot fill the queue', async () => {
  const { runner } = rig({});
  for (let i = 0; i < 50; i++) await runner.submit(asked('good'));
  await assert.rejects(runner.submit(asked('good')), { code: 'LS-API-008' });
  assert.equal((await runner.submit({ ...asked('good'), owner: 'another' })).status, 'queued');
});

test('a waiting caller is answered when its wait times out', async () => {
  const gate = Promise.withResolvers<string>();
  const { runner, clock } = rig({ long: () => gate.promise });
  await runner.start();
  const { id } = await runner.submit(asked('long'));
  const answer = runner.finished(id, 10_000);
  await clock.advance(10_000);
  assert.notEqual((await answer)!.status, 'succeeded');
  gate.resolve('/late');
  await runner.stop();
});

test('a store that fails after the timeout of a caller fails only that caller', async () => {
  const gate = Promise.withResolvers<string>();
  const { runner, store, clock } = rig({ long: () => gate.promise });
  await runner.start();
  const { id } = await runner.submit(asked('long'));
  const away = Promise.withResolvers<undefined>();
  store.get = () => away.promise;
  const answer = assert.rejects(runner.finished(id, 10_000), { code: 'LS-STORE-001' });
  await clock.advance(10_000);
  away.reject(new LoadstoneError('LS-STORE-001', 'the store is away'));
  await answer;
  gate.resolve('/there');
  await runner.stop();
});

test('a job submitted while the queue is found empty starts', async () => {
  const store = opened();
  const { runner } = rig({ good: async () => '/there' }, store);
  const looked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const take = store.take.bind(store);
  let looks = 0;
  store.take = async (lane) => {
    const found = await take(lane);
    if ((lane !== undefined && 'only' in lane.kinds) || ++looks > 1) return found;
    looked.resolve();
    await gate.promise;
    return found;
  };
  await runner.start();
  await looked.promise;
  const { id } = await runner.submit(asked('good'));
  gate.resolve();
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  assert.equal((await runner.get(id))!.status, 'succeeded');
  await runner.stop();
});

test('a short job does not wait for long ones, which keep running and can be cancelled', async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { runner, ended } = rig({
    long: async (_request, { progress, check }) => {
      progress(0.25);
      begun.resolve();
      await gate.promise;
      check();
      return '/long';
    },
    short: async () => '/short',
  });
  await runner.start();
  const [first, second] = [await runner.submit(asked('long')), await runner.submit(asked('long'))];
  await begun.promise;
  const short = await runner.submit(asked('short'));
  assert.equal((await runner.finished(short.id, PATIENCE))!.href, '/short');
  const { status, progress } = (await runner.get(first.id))!;
  assert.deepEqual([status, progress, (await runner.get(second.id))!.status], ['running', 0.25, 'queued']);
  await runner.cancel(first.id);
  gate.resolve();
  assert.equal((await runner.finished(second.id, PATIENCE))!.href, '/long');
  assert.deepEqual(
    ended.map((job) => job.status),
    ['succeeded', 'cancelled', 'succeeded'],
  );
  await runner.stop();
});

test('two callers with many waiting jobs do not keep a third from the next turn', async () => {
  const owners: string[] = [];
  const { runner } = rig({
    short: async (_request, { id }) => {
      owners.push((await runner.get(id))!.owner);
      return '/there';
    },
  });
  for (let n = 0; n < 8; n++) await runner.submit(asked('short', n % 2 === 0 ? 'me' : 'you'));
  const { id } = await runner.submit(asked('short', 'third'));
  await runner.start();
  await runner.finished(id, PATIENCE);
  assert.deepEqual(owners, ['me', 'you', 'third']);
  await runner.stop();
});
