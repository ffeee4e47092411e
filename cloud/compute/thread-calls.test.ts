import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { answerCalls, type CallLine, callsOver, callsWithin, portLine, type Remote } from './thread-calls.ts';

class Desk {
  readonly orders: number[] = [];
  order = (kw: number): number => {
    if (kw > 100) throw new LoadstoneError('LS-API-007', '100 kW at the most', '/body/kw');
    this.orders.push(kw);
    return this.orders.length;
  };
  fail = async (): Promise<never> => {
    throw new TypeError('a bug');
  };
  closure = (): unknown => ({ why: () => 'cannot be copied' });
  /** Inherited, and so not exposed to the other end of a line. */
  inherited(): number {
    return this.orders.length;
  }
}

interface Service {
  readonly desk: Desk;
  readonly deep: { readonly er: { sum(numbers: ReadonlyMap<string, number>): number } };
}

const service = (): Service => ({
  desk: new Desk(),
  deep: { er: { sum: (numbers) => [...numbers.values()].reduce((sum, each) => sum + each, 0) } },
});

function overPort(stamp?: () => number, reached?: (stamp: number) => Promise<void>) {
  const { port1, port2 } = new MessageChannel();
  answerCalls(portLine(port1), service(), stamp);
  return { calls: callsOver<Service>(portLine(port2), reached), port1, port2 };
}

const ways: readonly [string, () => { calls: Remote<Service>; close: () => void }][] = [
  [
    'over a port',
    () => {
      const { calls, port2 } = overPort();
      return { calls, close: () => port2.close() };
    },
  ],
  ['within a thread', () => ({ calls: callsWithin(service()), close: () => undefined })],
];

for (const [way, made] of ways) {
  test(`${way}: answers, coded errors and bugs arrive unchanged`, async (t) => {
    const { calls, close } = made();
    t.after(close);
    assert.deepEqual(await Promise.all([calls.desk.order(5), calls.desk.order(7)]), [1, 2]);
    assert.equal(await calls.deep.er.sum(new Map([['a', 2], ['b', 3]])), 5); // prettier-ignore
    await assert.rejects(calls.desk.order(101), (error) => {
      assert.ok(error instanceof LoadstoneError);
      assert.deepEqual([error.code, error.message, error.pointer], ['LS-API-007', '100 kW at the most', '/body/kw']);
      return true;
    });
    await assert.rejects(calls.desk.fail(), { name: 'TypeError', message: 'a bug' });
    await assert.rejects(calls.desk.closure(), /could not be cloned/);
    await assert.rejects((calls.desk as unknown as { none(): Promise<void> }).none(), /no function desk.none/);
    await assert.rejects(calls.desk.inherited(), /no function desk.inherited/);
    const order = calls.desk.order as unknown as { readonly [name: string]: (text: string) => Promise<unknown> };
    await assert.rejects(order['constructor']!('return 1'), /no function desk.order.constructor/);
    await assert.rejects(async () => calls.desk.order((() => 1) as never), /could not be cloned/);
    assert.equal(await calls.desk.order(9), 3);
  });
}

test('an answer is delivered only after the caller has caught up with the answering side', async (t) => {
  const seen: string[] = [];
  const asked = Promise.withResolvers<number>();
  const held = Promise.withResolvers<void>();
  const { calls, port2 } = overPort(
    () => 42,
    async (stamp) => {
      asked.resolve(stamp);
      await held.promise;
      seen.push('reached');
    },
  );
  t.after(() => port2.close());
  const answer = calls.desk.order(1).then(() => seen.push('answered'));
  assert.equal(await asked.promise, 42);
  held.resolve();
  await answer;
  assert.deepEqual(seen, ['reached', 'answered']);
});

test('calls to a closed port fail, pending and later ones alike', async () => {
  const { port1, port2 } = new MessageChannel();
  const calls = callsOver<Service>(portLine(port2));
  const waiting = assert.rejects(calls.desk.order(1), { code: 'LS-API-017' });
  port1.close();
  await waiting;
  await assert.rejects(calls.desk.order(2), { code: 'LS-API-009' });
});

test('an answering side that cannot state its position fails the call', async (t) => {
  const { calls, port2 } = overPort(() => {
    throw new Error('no position');
  });
  t.after(() => port2.close());
  await assert.rejects(calls.desk.order(1), { message: 'no position' });
});

/** A line that the test operates by hand. */
function lineByHand() {
  const posted: { readonly id: number }[] = [];
  let hear: (message: never) => void = () => undefined;
  let lose: () => void = () => undefined;
  const line: CallLine = {
    post: (message) => void posted.push(message as { readonly id: number }),
    onMessage: (listener) => void (hear = listener),
    onLost: (listener) => void (lose = listener),
  };
  return { line, posted, hear: (message: object) => hear(message as never), lose: () => lose() };
}

test('after a reconnect, answers to earlier calls, duplicates and foreign answers are ignored', async () => {
  const { line, posted, hear, lose } = lineByHand();
  const calls = callsOver<Service>(line);
  const before = assert.rejects(calls.desk.order(1), { code: 'LS-API-017' });
  lose();
  await before;
  const after = calls.desk.order(2);
  hear({ id: posted[0]!.id, value: 'of before' });
  hear({ id: 99, value: 'of nobody' });
  hear({ id: posted[1]!.id, value: 2 });
  hear({ id: posted[1]!.id, value: 'a copy' });
  assert.equal(await after, 2);
});

test('an answer received before the line is lost is still delivered', async () => {
  const { line, posted, hear, lose } = lineByHand();
  const shows = Promise.withResolvers<void>();
  const calls = callsOver<Service>(line, () => shows.promise);
  const answer = calls.desk.order(1);
  hear({ id: posted[0]!.id, stamp: 1, value: 1 });
  lose();
  shows.resolve();
  assert.equal(await answer, 1);
});
