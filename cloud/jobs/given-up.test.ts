import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bad, good, LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { GivenUp } from './given-up.ts';
import { JobRunner } from './job-runner.ts';
import { SqliteJobStore } from './sqlite-job-store.ts';

const PATIENCE = 60_000;
const dead = {
  code: 'LS-NODE-002',
  detail: 'dispatch was given up: it was returned four times, as its nodes died or lost the broker',
} as const;
const owd = { kind: 'plan', subject: 'owd' } as const;

async function rig() {
  const clock = new VirtualClock(1_000_000);
  const store = new SqliteJobStore(':memory:');
  store.open();
  await store.opened();
  const any: boolean[] = [];
  const planned: string[] = [];
  let isPoison = true;
  const fail = (error: unknown): never => {
    throw error;
  };
  const book = new GivenUp({
    store,
    now: () => clock.machine.now(),
    retry: (id) => runner.retry(id),
    onAny: (isAny) => void any.push(isAny),
    onFailure: fail,
  });
  const runner = new JobRunner({
    store,
    time: clock.machine,
    newId: () => 'job_1',
    onFinished: () => book.ended(),
    onBug: fail,
    handlers: {
      plan: async ({ subject }: { subject: string }) => {
        planned.push(subject);
        return '/v1/plan';
      },
      scenario: async () => {
        if (isPoison)
          throw new LoadstoneError(
            'LS-NODE-002',
            'runScenario was given up: it was returned four times, as its nodes died or lost the broker',
          );
        return '/v1/scenarios/1';
      },
      refused: async () => {
        throw new LoadstoneError('LS-FORECAST-001', 'too little history');
      },
    },
  });
  await runner.start();
  return {
    book,
    runner,
    store,
    any,
    planned,
    cure: () => {
      isPoison = false;
    },
  };
}

const ids = (book: GivenUp): string[] => book.listed.map(({ job }) => job.id);

test('a job whose nodes all died waits to be tried again; one that was refused does not', async () => {
  const { book, runner, any, cure } = await rig();
  const submit = async (kind: string) => {
    const { id } = await runner.submit({ kind, owner: 'anna', request: {} });
    await runner.finished(id, PATIENCE);
    await book.stop();
  };
  await submit('scenario');
  assert.deepEqual([ids(book), any.at(-1)], [['job_1'], true]);
  cure();
  await Promise.all([book.retry('job_1'), book.retry('job_1')]);
  assert.equal((await runner.finished('job_1', PATIENCE))!.status, 'succeeded');
  await book.stop();
  assert.deepEqual([ids(book), any.at(-1)], [[], false]);
  await book.retry('job_1');
  assert.equal((await runner.get('job_1'))!.status, 'succeeded', 'it is not begun once more');
  await runner.stop();
});

test('a refused job is not given up', async () => {
  const { book, runner } = await rig();
  const { id } = await runner.submit({ kind: 'refused', owner: 'anna', request: {} });
  await runner.finished(id, PATIENCE);
  await book.stop();
  assert.deepEqual(ids(book), []);
  await runner.stop();
});

test('a plan whose nodes all die is listed once; a retry plans again, and a plan that succeeds clears it', async () => {
  const { book, runner, planned, any } = await rig();
  book.note(owd, dead);
  book.note(owd, dead);
  await book.stop();
  const [found] = book.listed;
  assert.deepEqual([found!.job.id, found!.attempts, found!.job.fault], ['plan.owd', 2, dead]);
  await book.retry('plan.owd');
  await runner.finished('plan.owd', PATIENCE);
  await book.stop();
  assert.deepEqual([planned, ids(book)], [['owd'], []]);
  book.note(owd, dead);
  await book.stop();
  assert.deepEqual([ids(book), any.at(-1)], [['plan.owd'], true]);
  book.note({ kind: 'plan', subject: 'other' }, null);
  book.note(owd, null);
  await book.stop();
  assert.deepEqual([ids(book), any.at(-1)], [[], false]);
  await runner.stop();
});

test('a training joins the list if every node died with it, not if it was refused', async () => {
  const { book, runner } = await rig();
  book.trained('region:north', bad('LS-FORECAST-001', 'too little history'));
  await book.stop();
  assert.deepEqual(ids(book), []);
  book.trained('region:north', bad(dead.code, dead.detail));
  await book.stop();
  assert.deepEqual(ids(book), ['training.region:north']);
  book.trained('region:north', good('a model'));
  await book.stop();
  assert.deepEqual(ids(book), []);
  await runner.stop();
});

test('discarding is idempotent, and an unknown id is refused', async () => {
  const { book, runner, any } = await rig();
  book.note(owd, dead);
  await Promise.all([book.discard('plan.owd'), book.discard('plan.owd')]);
  assert.deepEqual([ids(book), any.at(-1)], [[], false]);
  for (const act of [book.retry('plan.x'), book.discard('plan.x')])
    await assert.rejects(act, { code: 'LS-API-004', message: /plan\.x/ });
  await runner.stop();
});
