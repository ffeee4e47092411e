import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PlanCrew } from './plan-crew.ts';
import { PlanQueue } from './plan-queue.ts';

/** A crew whose plans end when the test ends them. */
function crewOf(most: number | (() => number)) {
  const begun: string[] = [];
  const open = new Map<string, PromiseWithResolvers<void>>();
  const crew = new PlanCrew({
    mostAtOnce: typeof most === 'number' ? () => most : most,
    work: ({ substation }) => {
      assert.ok(!open.has(substation), 'two plans of one substation never run at once');
      begun.push(substation);
      const plan = Promise.withResolvers<void>();
      open.set(substation, plan);
      return plan.promise;
    },
  });
  const end = async (substation: string, error?: Error): Promise<void> => {
    const plan = open.get(substation)!;
    open.delete(substation);
    if (error === undefined) plan.resolve();
    else plan.reject(error);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { crew, begun, open, end };
}

test('a feeder that never finishes occupies one worker; all others are planned', async () => {
  const { crew, begun, end } = crewOf(2);
  void crew.ask({ substation: 'slow', trigger: 'schedule' }, false);
  const others = Array.from({ length: 100 }, (_, at) => `f${at}`);
  for (const substation of others) void crew.ask({ substation, trigger: 'schedule' }, false);
  for (let turn = 0; turn < 300 && begun.length <= 100; turn++) {
    void crew.ask({ substation: 'slow', trigger: 'spike' }, true);
    const at = begun.findLast((substation) => substation !== 'slow')!;
    await end(at);
  }
  assert.deepEqual(begun, ['slow', ...others]);
});

test('plans wait while there are no workers, and begin once some come', async () => {
  let most = 0;
  const { crew, begun, end } = crewOf(() => most);
  const asked = ['a', 'b', 'c'].map((substation) => crew.ask({ substation, trigger: 'schedule' }, false));
  assert.deepEqual(begun, []);
  most = 2;
  crew.fill();
  assert.deepEqual(begun, ['a', 'b']);
  await end('a');
  assert.deepEqual(begun, ['a', 'b', 'c']);
  for (const substation of ['b', 'c']) await end(substation);
  await Promise.all(asked);
});

test('an idle worker takes a later request while another is busy', async () => {
  const { crew, begun, end } = crewOf(2);
  void crew.ask({ substation: 'slow', trigger: 'schedule' }, false);
  void crew.ask({ substation: 'a', trigger: 'schedule' }, false);
  void crew.ask({ substation: 'c', trigger: 'schedule' }, false);
  assert.equal(crew.waiting, 1);
  await end('a');
  assert.equal(crew.waiting, 0);
  await end('c');
  const asked = crew.ask({ substation: 'b', trigger: 'spike' }, true);
  assert.deepEqual(begun, ['slow', 'a', 'c', 'b']);
  await end('b');
  await asked;
  await end('slow');
  await crew.end();
});

test('on one worker a flood of events of one feeder overtakes each waiting feeder at most once', async () => {
  const { crew, begun, open, end } = crewOf(1);
  for (const substation of ['a', 'b', 'c', 'd']) void crew.ask({ substation, trigger: 'schedule' }, false);
  for (let turn = 0; turn < 10; turn++) {
    void crew.ask({ substation: 'flood', trigger: 'spike' }, true);
    await end([...open.keys()][0]!);
  }
  assert.deepEqual(begun.slice(0, 6), ['a', 'flood', 'b', 'c', 'd', 'flood']);
});

test('a failure is reported to its requester, and the others are planned', async () => {
  const { crew, begun, end } = crewOf(1);
  const failed = crew.ask({ substation: 'a', trigger: 'schedule' }, false);
  const fine = crew.ask({ substation: 'b', trigger: 'schedule' }, false);
  const refusal = assert.rejects(failed, /boom/);
  await end('a', new Error('boom'));
  await refusal;
  await end('b');
  await fine;
  assert.deepEqual(begun, ['a', 'b']);
});

test('property: none of eight substations waits more than four turns for each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ id: fc.integer({ min: 0, max: 7 }), urgent: fc.boolean(), serve: fc.boolean() }), {
        minLength: 20,
        maxLength: 200,
      }),
      (asks) => {
        const queue = new PlanQueue();
        const waits = new Map<string, number>();
        for (const { id, urgent, serve } of asks) {
          const substation = `s${id}`;
          if (!waits.has(substation)) waits.set(substation, 0);
          queue.add({ substation, trigger: urgent ? 'spike' : 'schedule' }, urgent);
          const served = serve ? queue.next() : undefined;
          if (served === undefined) continue;
          waits.delete(served.substation);
          for (const [each, turns] of waits) {
            waits.set(each, turns + 1);
            assert.ok(turns + 1 <= 4 * 8, `${each} waits for its turn ${turns + 1}`);
          }
        }
      },
    ),
    { seed: 20261124, numRuns: 300 },
  );
});

test('on shutdown waiting requests resolve without starting, and running ones are awaited', async () => {
  const { crew, begun, end } = crewOf(1);
  void crew.ask({ substation: 'a', trigger: 'schedule' }, false);
  const waiting = crew.ask({ substation: 'b', trigger: 'schedule' }, false);
  let ended = false;
  const ending = crew.end().then(() => (ended = true));
  await waiting;
  assert.equal(ended, false);
  await end('a');
  await ending;
  await crew.ask({ substation: 'c', trigger: 'spike' }, true);
  assert.deepEqual(begun, ['a']);
});
