import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { JobStore } from '../job-store.ts';

const AT_ONCE = 20;
const many = Array.from({ length: AT_ONCE }, (_, n) => n);
const asked = (owner = 'anna') => ({ kind: 'forecast', owner, request: { n: [1, null] } });
const last = { createdAt: 1, most: 1000 };

/** The suite for every job store. `open` returns an empty one. */
export function jobStoreSuite(name: string, open: () => Promise<Opened<JobStore>>): void {
  test(`${name}: a job comes back as requested after a restart`, async () => {
    const { store, again } = await open();
    const job = await store.add('job_1', asked(), { createdAt: 7, most: 1 });
    assert.deepEqual(job, {
      id: 'job_1',
      kind: 'forecast',
      owner: 'anna',
      status: 'queued',
      progress: 0,
      createdAt: 7,
      finishedAt: null,
      href: null,
      fault: null,
    });
    const later = await again();
    assert.deepEqual(await later.get('job_1'), job);
    assert.deepEqual((await later.take())!.request, asked().request);
    assert.equal(await later.get('job_2'), undefined);
  });

  test(`${name}: concurrent jobs of an owner are accepted only up to the limit`, async () => {
    const { store } = await open();
    await store.add('over', asked(), last);
    await store.finish('over', { status: 'cancelled', at: 2 });
    await store.add('of another', asked('bert'), last);
    const added = await Promise.all(many.map((n) => store.add(`job_${n}`, asked(), { createdAt: 3, most: 5 })));
    assert.equal(added.filter((each) => each !== undefined).length, 5);
    assert.equal(await store.add('one more', asked(), { createdAt: 3, most: 5 }), undefined);
    assert.ok(await store.add('one more', asked('bert'), { createdAt: 3, most: 5 }));
  });

  test(`${name}: each of many concurrent takers gets its own job, oldest first`, async () => {
    const { store } = await open();
    for (const n of many.slice(0, 12)) await store.add(`job_${n}`, asked(), last);
    const taken = (await Promise.all(many.map(() => store.take()))).flatMap((each) => each ?? []);
    const ids = taken.map(({ job }) => job.id);
    assert.deepEqual(new Set(ids), new Set(many.slice(0, 12).map((n) => `job_${n}`)));
    assert.equal(ids.length, 12);
    assert.equal(await store.waiting(), 0);
    assert.ok(taken.every(({ job, attempts }) => job.status === 'running' && attempts === 1));
    await store.add('late', asked(), last);
    await store.add('later', asked(), last);
    assert.equal(await store.waiting(), 2);
    assert.equal((await store.take())!.job.id, 'late');
  });

  test(`${name}: a lane takes its own kinds, first of the owner served longest ago`, async () => {
    const { store } = await open();
    const long = ['backtest', 'export'];
    for (const n of [1, 2, 3]) await store.add(`anna's ${n}`, asked(), last);
    await store.add("anna's long one", { ...asked(), kind: 'backtest' }, last);
    for (const n of [1, 2]) await store.add(`bert's ${n}`, asked('bert'), last);
    await store.add("carl's", asked('carl'), last);
    const order: string[] = [];
    for (let served: readonly string[] = []; ;) {
      const taken = await store.take({ kinds: { except: long }, served });
      if (taken === undefined) break;
      order.push(taken.job.id);
      served = [taken.job.owner, ...served.filter((owner) => owner !== taken.job.owner)];
    }
    assert.deepEqual(order, ["anna's 1", "bert's 1", "carl's", "anna's 2", "bert's 2", "anna's 3"]);
    const taken = await store.take({ kinds: { only: long }, served: ['anna'] });
    assert.equal(taken?.job.id, "anna's long one");
    assert.equal(await store.take({ kinds: { only: long }, served: [] }), undefined);
  });

  test(`${name}: one of many concurrent ends counts, and a finished job is final`, async () => {
    const { store } = await open();
    await store.add('job_1', asked(), last);
    await store.take();
    await store.progress('job_1', 0.25);
    const ends = many.map((n) =>
      n % 2 === 0
        ? ({ status: 'succeeded', at: n, href: `/${n}` } as const)
        : ({ status: 'failed', at: n, fault: { code: 'LS-JOB-001', detail: `${n}`, pointer: '/x' } } as const),
    );
    const ended = await Promise.all(ends.map((end) => store.finish('job_1', end)));
    const counted = ended.filter((each) => each !== undefined);
    assert.equal(counted.length, 1);
    const end = ends[ended.findIndex((each) => each !== undefined)]!;
    const { status, finishedAt, progress, href, fault } = (await store.get('job_1'))!;
    assert.deepEqual({ status, at: finishedAt, href, fault }, { href: null, fault: null, ...end });
    assert.equal(progress, status === 'succeeded' ? 1 : 0.25);
    assert.deepEqual(counted[0], await store.get('job_1'));
    await store.progress('job_1', 0.5);
    assert.equal((await store.get('job_1'))!.progress, progress);
    assert.equal(await store.finish('unknown', ends[0]!), undefined);
  });

  test(`${name}: a job taken while being cancelled ends cancelled and is not taken again`, async () => {
    const { store } = await open();
    for (const n of many) await store.add(`job_${n}`, asked(), last);
    await Promise.all(many.flatMap((n) => [store.take(), store.finish(`job_${n}`, { status: 'cancelled', at: 5 })]));
    for (const n of many) assert.equal((await store.get(`job_${n}`))!.status, 'cancelled');
    await store.requeue();
    assert.equal(await store.take(), undefined);
  });

  test(`${name}: a job given back does not count as tried; a finished job stays finished`, async () => {
    const { store } = await open();
    for (const id of ['first', 'second']) await store.add(id, asked(), last);
    await store.take();
    await store.giveBack('first');
    assert.equal((await store.take())!.attempts, 1);
    await store.finish('first', { status: 'cancelled', at: 3 });
    for (const id of ['first', 'second']) await store.giveBack(id);
    assert.equal((await store.get('first'))!.status, 'cancelled');
    assert.deepEqual((({ job, attempts }) => [job.id, attempts])((await store.take())!), ['second', 1]);
  });

  test(`${name}: a job running at a crash waits again in its old position`, async () => {
    const { store, again } = await open();
    for (const id of ['first', 'second', 'third']) await store.add(id, asked(), last);
    await store.take();
    await store.take();
    await store.finish('second', { status: 'failed', at: 3 });
    await store.progress('first', 0.5);
    const later = await again();
    await later.requeue();
    assert.equal((await later.get('first'))!.progress, 0);
    const { job, attempts } = (await later.take())!;
    assert.deepEqual([job.id, attempts], ['first', 2]);
    assert.equal((await later.take())!.job.id, 'third');
  });

  test(`${name}: what was given up stays in a list until it is retried or discarded, also after a restart`, async () => {
    const { store, again } = await open();
    const fault = { code: 'LS-NODE-002', detail: 'every node that took it died' } as const;
    for (const id of ['refused', 'lost']) {
      await store.add(id, asked(), last);
      await store.take();
      await store.finish(id, { status: 'failed', at: 5, fault, isGivenUp: id === 'lost' });
    }
    const plan = { kind: 'plan', owner: '', request: { subject: 'owd' } };
    for (const at of [6, 9]) await store.giveUp('plan.owd', plan, { at, fault });
    const later = await again();
    const listed = await later.givenUp(10);
    assert.deepEqual(
      listed.map(({ job: { id, finishedAt, status }, attempts }) => [id, finishedAt, status, attempts]),
      [
        ['plan.owd', 9, 'failed', 2],
        ['lost', 5, 'failed', 1],
      ],
    );
    assert.deepEqual([listed[0]!.request, listed[0]!.job.fault], [{ subject: 'owd' }, fault]);
    assert.deepEqual((await later.givenUp(1)).length, 1);
    assert.deepEqual(await Promise.all(['lost', 'lost', 'refused', 'unknown'].map((id) => later.again(id))), [
      true,
      false,
      false,
      false,
    ]);
    const taken = (await later.take())!;
    assert.deepEqual(
      [taken.job.id, taken.attempts, taken.job.fault, taken.request],
      ['lost', 1, null, { n: [1, null] }],
    );
    assert.deepEqual([await later.discard('plan.owd'), await later.discard('plan.owd')], [true, false]);
    assert.equal((await later.get('plan.owd'))!.status, 'failed');
    assert.deepEqual(await later.givenUp(10), []);
    assert.equal(await later.again('plan.owd'), false);
  });
}
