import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { answerCalls, callsOver } from '../compute/thread-calls.ts';
import { KEY_BYTES, opened, Outbox, OWNER } from './letters.ts';
import { NodeLine } from './node-line.ts';
import { MOST_ASKED, OwnerLines } from './owner-lines.ts';
import { FakeBroker } from './testing/fake-broker.ts';

const rising = (a: number, b: number): number => a - b;

interface Desk {
  order(kw: number): number;
  slow(): Promise<string>;
  large(): string;
}

/** A broker, a database with the key of the active owner, and owners and nodes at both. */
function world(t: TestContext) {
  const clock = new VirtualClock(0);
  const broker = new FakeBroker();
  const database: { key: Uint8Array | undefined } = { key: undefined };
  const orders: number[] = [];
  const lost: string[] = [];
  const slow = Promise.withResolvers<string>();
  const settle = async (ms = 0): Promise<void> => {
    for (let done = 0; done <= ms; done += 250) {
      await clock.advance(done === 0 ? 0 : 250);
      for (let each = 0; each < 20; each++) await turn();
    }
  };
  const owner = (feed: string, { version = '1', silent = false } = {}) => {
    const key = randomBytes(KEY_BYTES);
    database.key = key;
    let position = 0;
    let waiting: (() => void)[] = [];
    const release = (): void => {
      for (const resolve of waiting.splice(0)) resolve();
    };
    const lines = new OwnerLines({
      key,
      version,
      welcome: () => ({ feed, about: { name: feed } }),
      answer: ({ calls, changes }) => {
        calls.onLost(() => lost.push(feed));
        const desk: Desk = {
          order: (kw) => {
            if (kw > 100) throw new LoadstoneError('LS-API-007', '100 kW at the most', '/kw');
            position++;
            return orders.push(kw);
          },
          slow: () => slow.promise,
          large: () => 'x'.repeat(3_500_000),
        };
        answerCalls(calls, { desk }, () => position);
        answerCalls(changes, {
          after: async () => {
            await new Promise<void>((resolve) => waiting.push(resolve));
            return position;
          },
        });
      },
      beat: () => !silent && release(),
      send: (queue, letter) => broker.send(queue, letter),
      time: clock.machine,
    });
    broker.owner = (letter) => lines.take(letter);
    t.after(() => lines.close());
    return {
      lines,
      end: () => {
        lines.close();
        broker.owner = undefined;
      },
    };
  };
  const node = (version = '1') => {
    const reported: string[] = [];
    const line = new NodeLine({
      version,
      open: (events) => broker.open(events),
      key: async () => database.key,
      time: clock.machine,
      random: new SeededRandom(1),
      onFollow: ({ feed }) => reported.push(`follows ${feed}`),
      onAway: (why) => reported.push(why),
    });
    const calls = callsOver<{ readonly desk: Desk }>(line.lines.calls);
    const changes = callsOver<{ after(): number }>(line.lines.changes);
    const running = line.run();
    t.after(async () => {
      line.close();
      await running;
    });
    return { line, calls, changes, reported };
  };
  return { clock, broker, database, orders, lost, slow, settle, owner, node };
}

test('a node that finds an owner gets its answers and errors unchanged', async (t) => {
  const { settle, owner, node, orders } = world(t);
  const { calls, reported } = node();
  await settle();
  await assert.rejects(calls.desk.order(1), { code: 'LS-API-009', message: /no owner .* has registered/ });
  owner('first');
  await settle(1500);
  assert.equal(reported.at(-1), 'follows first');
  assert.equal(await calls.desk.order(5), 1);
  await assert.rejects(calls.desk.order(101), { code: 'LS-API-007', message: '100 kW at the most', pointer: '/kw' });
  assert.deepEqual(orders, [5]);
});

test('two nodes get their own answers', async (t) => {
  const { settle, owner, node, orders } = world(t);
  owner('first');
  const [one, two] = [node(), node()];
  await settle();
  assert.deepEqual(
    (await Promise.all([one.calls.desk.order(1), two.calls.desk.order(2), one.calls.desk.order(3)])).toSorted(rising),
    [1, 2, 3],
  );
  assert.deepEqual(orders.toSorted(rising), [1, 2, 3]);
});

test('an act whose owner is lost is unknown and done at most once; the node follows the next owner', async (t) => {
  const { settle, owner, node, orders, broker } = world(t);
  const first = owner('first');
  const { calls, reported } = node();
  await settle();
  // The call is done, and the answer is lost with the owner.
  broker.onNode = () => [];
  const lost = assert.rejects(calls.desk.order(7), { code: 'LS-API-017' });
  await settle();
  assert.deepEqual(orders, [7]);
  first.end();
  await settle(1500);
  await lost;
  assert.match(reported.at(-1)!, /the owner of the cloud is gone/);
  await assert.rejects(calls.desk.order(8), { code: 'LS-API-009' });
  broker.onNode = (letter) => [letter];
  owner('second');
  await settle(2500);
  assert.equal(reported.at(-1), 'follows second');
  assert.equal(await calls.desk.order(9), 2);
  assert.deepEqual(orders, [7, 9], 'a rejected act was not done');
});

test('an act that no owner accepted is reported as not done', async (t) => {
  const { settle, owner, node, orders, broker } = world(t);
  owner('first');
  const { calls } = node();
  await settle();
  broker.owner = undefined;
  await assert.rejects(calls.desk.order(1), { code: 'LS-API-009', message: /the owner of the cloud is gone/ });
  assert.deepEqual(orders, []);
});

test('duplicate letters act once, even those of an earlier connection', async (t) => {
  const { settle, owner, node, orders, broker } = world(t);
  const first = owner('first');
  broker.onOwner = (letter) => [letter, letter];
  broker.onNode = (letter) => [letter, letter];
  const { calls } = node();
  await settle();
  assert.equal(await calls.desk.order(1), 1);
  await settle();
  assert.deepEqual(orders, [1]);
  const recorded = [...broker.toOwner];
  // A malicious carrier replays them: to this owner after it forgot the node, and to the next.
  const replay = async (): Promise<void> => {
    for (const letter of recorded) broker.owner!(letter);
    await settle();
  };
  await replay();
  first.lines.forget();
  await replay();
  first.end();
  owner('second');
  await replay();
  assert.deepEqual(orders, [1]);
});

test('forged, replayed and reordered letters have no effect', async (t) => {
  const { settle, owner, node, orders, broker, database } = world(t);
  owner('first');
  const { calls, reported } = node();
  await settle();
  const lines = reported.length;
  const forged = new Outbox(randomBytes(KEY_BYTES), { from: OWNER, to: 'x', line: 'y', queue: '' });
  for (const bytes of [Buffer.alloc(0), randomBytes(100), ...forged.lettersOf({ kind: 'lost' })]) {
    broker.owner!(bytes);
    broker.toAll(bytes);
  }
  // Replays letters to the owner as if the owner had sent them.
  for (const letter of broker.toOwner) broker.toAll(letter);
  const held: Buffer[] = [];
  broker.onOwner = (letter) => {
    held.push(letter);
    return held.length < 2 ? [] : held.splice(0).toReversed();
  };
  const both = [calls.desk.order(1), calls.desk.order(2)].map((each) => each.catch((error: unknown) => error));
  await settle();
  assert.equal(reported.length > lines, true, 'the connection was given up');
  for (const each of both) assert.equal(((await each) as LoadstoneError).code, 'LS-API-017');
  assert.deepEqual(orders, []);
  assert.equal(opened(database.key!, broker.toNodes.at(-1)!)?.envelope.from, OWNER);
});

test('an act delayed in transit is rejected, even if it arrives intact', async (t) => {
  const { settle, owner, node, orders, broker } = world(t);
  owner('first');
  const { calls } = node();
  await settle();
  const held: Buffer[] = [];
  broker.onOwner = (letter) => {
    held.push(letter);
    return [];
  };
  const act = calls.desk.order(1).catch((error: unknown) => error);
  await settle();
  // The node gives up long before.
  broker.onOwner = () => [];
  await settle(31_000);
  assert.equal(((await act) as LoadstoneError).code, 'LS-API-017');
  for (const letter of held) broker.owner!(letter);
  await settle();
  assert.deepEqual(orders, []);
});

test('a node gives up a silent owner and a failed broker', async (t) => {
  const { settle, owner, node, broker } = world(t);
  owner('first', { silent: true });
  const { reported, calls } = node();
  await settle();
  const waiting = assert.rejects(calls.desk.slow(), { code: 'LS-API-017' });
  await settle(12_000);
  await waiting;
  assert.ok(
    reported.some((each) => /has been silent for 1\d s/.test(each)),
    reported.join('\n'),
  );
  // Its letters reach another owner, which cannot use them.
  owner('second');
  await settle(14_000);
  assert.equal(reported.at(-1), 'follows second');
  broker.fall();
  await settle();
  assert.equal(reported.at(-1), 'the broker fell');
});

test('a node keeps an owner that sends something every second', async (t) => {
  const { settle, owner, node } = world(t);
  owner('first');
  const { reported, changes, calls, line } = node();
  await settle();
  const slow = calls.desk.slow();
  void (async () => {
    for (;;) await changes.after();
  })().catch(() => undefined);
  await settle(90_000);
  assert.deepEqual(reported.slice(-1), ['follows first']);
  line.close();
  await assert.rejects(slow, { code: 'LS-API-017' });
});

test('a node keeps an owner whose long message arrives slowly', async (t) => {
  const { settle, owner, node, broker } = world(t);
  owner('first', { silent: true });
  const { reported, calls } = node();
  await settle();
  const held: Buffer[] = [];
  broker.onNode = (letter) => {
    held.push(letter);
    return [];
  };
  const large = calls.desk.large();
  await settle();
  assert.equal(held.length, 4);
  broker.onNode = (letter) => [letter];
  for (const letter of held.splice(0)) {
    await settle(6000);
    broker.toAll(letter);
  }
  assert.equal((await large).length, 3_500_000);
  assert.equal(reported.at(-1), 'follows first');
});

test('a node that asks for a new connection gives up the last one at once', async (t) => {
  const { settle, owner, node, lost, broker } = world(t);
  owner('first', { silent: true });
  const { reported } = node();
  await settle();
  // No letters pass in either direction.
  broker.onOwner = () => [];
  await settle(11_000);
  assert.match(reported.at(-1)!, /has been silent/);
  assert.deepEqual(lost, []);
  broker.onOwner = (letter) => [letter];
  await settle(11_000);
  assert.equal(reported.at(-1), 'follows first');
  assert.deepEqual(lost, ['first']);
});

test('a node of another version is rejected with that reason, and retries', async (t) => {
  const { settle, owner, node } = world(t);
  owner('first', { version: '2' });
  const { reported } = node('1');
  await settle();
  assert.match(reported.at(-1)!, /the owner is Loadstone 2, this node is 1/);
});

test('the requests of one node are bounded', async (t) => {
  const { settle, owner, node, slow } = world(t);
  owner('first');
  const { calls } = node();
  await settle();
  const asked = Array.from({ length: MOST_ASKED + 1 }, () => calls.desk.slow().catch((error: unknown) => error));
  await settle();
  slow.resolve('done');
  const answers = await Promise.all(asked);
  assert.equal(answers.filter((each) => each === 'done').length, MOST_ASKED);
  assert.equal((answers.at(-1) as LoadstoneError).code, 'LS-API-009');
});
