import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AlarmState } from '../../../shared/contracts/alarm.ts';
import { beyond, isStanding, MOST_SHELVED_MS, stateOf } from './alarm.ts';
import { AlarmDesk, type Telling } from './alarm-desk.ts';

const START = Date.parse('2021-09-25T00:00:00Z');
const MINUTE = 60_000;
const by = (at: number, reason = '') => ({ by: 'anna', at, reason });

const telling = (over: Partial<Telling> = {}): Telling => ({
  teller: 'gateway',
  source: 'owd-01',
  code: 'CHILD',
  device: 'pv-1',
  subject: null,
  text: 'pv-1 does not answer',
  priority: 3,
  holds: true,
  at: START,
  ...over,
});

const RULES: Readonly<Record<string, { onMs: number; offMs: number; suppressedBy: string[] }>> = {
  CHILD: { onMs: 0, offMs: 0, suppressedBy: ['PARENT'] },
  SLOW: { onMs: 10_000, offMs: 20_000, suppressedBy: [] },
  PARENT: { onMs: 30_000, offMs: 0, suppressedBy: [] },
};
const rule = (code: string) => {
  const { onMs, offMs, suppressedBy } = RULES[code] ?? { onMs: 0, offMs: 0, suppressedBy: [] };
  return { delays: { onMs, offMs }, suppressedBy };
};
const desk = (): AlarmDesk => new AlarmDesk({ rule, feeder: () => null, alarms: [], nextId: 1 });

type Step = readonly [what: string, act: (one: AlarmDesk, now: number) => void, state: AlarmState];
const comes: Step[1] = (one, now) => one.take(telling({ at: now }), now);
const goes: Step[1] = (one, now) => one.take(telling({ at: now, holds: false }), now);
const waits: Step[1] = (one, now) => one.tick(now);

/** Each step is a minute after the previous one. */
const PATHS: Readonly<Record<string, readonly Step[]>> = {
  'acknowledged, then gone': [
    ['comes', comes, 'unacknowledged'],
    ['seen', (one, now) => one.acknowledge(1, by(now)), 'acknowledged'],
    ['again says the same', comes, 'acknowledged'],
    ['goes', goes, 'normal'],
  ],
  'gone before it was acknowledged': [
    ['comes', comes, 'unacknowledged'],
    ['goes', goes, 'returned'],
    ['comes again', comes, 'unacknowledged'],
    ['goes again', goes, 'returned'],
    ['seen', (one, now) => one.acknowledge(1, by(now)), 'normal'],
  ],
  'shelved, and announced again when the shelf ends': [
    ['comes', comes, 'unacknowledged'],
    ['seen', (one, now) => one.acknowledge(1, by(now)), 'acknowledged'],
    ['shelved', (one, now) => one.shelve(1, by(now, 'known'), now + 2 * MINUTE), 'shelved'],
    ['a minute', waits, 'shelved'],
    ['the shelf ends', waits, 'unacknowledged'],
  ],
  'gone on the shelf': [
    ['comes', comes, 'unacknowledged'],
    ['shelved', (one, now) => one.shelve(1, by(now, 'known'), now + 2 * MINUTE), 'shelved'],
    ['goes', goes, 'shelved'],
    ['the shelf ends', waits, 'normal'],
  ],
  'taken off the shelf by hand': [
    ['comes', comes, 'unacknowledged'],
    ['shelved', (one, now) => one.shelve(1, by(now, 'known'), now + 60 * MINUTE), 'shelved'],
    ['off the shelf', (one, now) => one.unshelve(1, now), 'unacknowledged'],
  ],
  'out of service, and unacknowledged again when it is back': [
    ['comes', comes, 'unacknowledged'],
    ['seen', (one, now) => one.acknowledge(1, by(now)), 'acknowledged'],
    ['out', (one, now) => one.takeOut(1, by(now, 'mended')), 'out-of-service'],
    ['goes', goes, 'out-of-service'],
    ['comes', comes, 'out-of-service'],
    ['back', (one, now) => one.bringBack(1, now), 'unacknowledged'],
  ],
  'two reporters: it stands while one of them reports it': [
    ['comes', comes, 'unacknowledged'],
    ['the cloud says so too', (one, now) => one.take(telling({ teller: 'cloud', at: now }), now), 'unacknowledged'],
    ['the gateway does not any more', goes, 'unacknowledged'],
    ['nor the cloud', (one, now) => one.take(telling({ teller: 'cloud', at: now, holds: false }), now), 'returned'],
  ],
  'after a restart it goes unless reported again': [
    ['comes', comes, 'unacknowledged'],
    ['restart', (one, now) => one.restarted('gateway', { confirmBy: now + 2 * MINUTE }), 'unacknowledged'],
    ['a minute', waits, 'unacknowledged'],
    ['another', waits, 'returned'],
  ],
  'after a restart it stands if reported again': [
    ['comes', comes, 'unacknowledged'],
    ['restart', (one, now) => one.restarted('gateway', { confirmBy: now + 2 * MINUTE }), 'unacknowledged'],
    ['said again', comes, 'unacknowledged'],
    ['much later', waits, 'unacknowledged'],
  ],
  'raised in priority after it was acknowledged, it needs a new acknowledgement': [
    ['comes', comes, 'unacknowledged'],
    ['seen', (one, now) => one.acknowledge(1, by(now)), 'acknowledged'],
    ['worse', (one, now) => one.take(telling({ at: now, priority: 1 }), now), 'unacknowledged'],
  ],
};

for (const [name, steps] of Object.entries(PATHS)) {
  test(`alarm life cycle: ${name}`, () => {
    const one = desk();
    for (const [index, [what, act, state]] of steps.entries()) {
      act(one, START + index * MINUTE);
      const alarm = one.get(1);
      assert.equal(alarm === undefined ? 'normal' : stateOf(alarm), state, `${index}: ${what}`);
    }
  });
}

test('delays run on source time: a short pulse raises nothing, a long one within one batch does', () => {
  const slow = (over: Partial<Telling>) => telling({ code: 'SLOW', ...over });
  const pulse = desk();
  pulse.take(slow({}), START);
  pulse.take(slow({ at: START + 9_999, holds: false }), START + 9_999);
  assert.deepEqual(pulse.all(), []);
  const parcel = desk();
  parcel.take(slow({}), START + 60_000);
  parcel.take(slow({ at: START + 30_000, holds: false }), START + 60_000);
  const [alarm] = parcel.all();
  assert.equal(stateOf(alarm!), 'returned');
  assert.deepEqual([alarm!.raisedAt, alarm!.returnedAt], [START + 10_000, START + 50_000]);
});

test('an alarm that came and went before it was received is not announced; one that still holds is', () => {
  const one = desk();
  const now = START + 3_600_000;
  one.take(telling({ at: START }), now);
  one.take(telling({ at: START + MINUTE, holds: false }), now);
  one.take(telling({ device: 'pv-2', at: START }), now);
  one.tick(now);
  assert.deepEqual(
    one.all().map((alarm) => [alarm.device, stateOf(alarm)]),
    [['pv-2', 'unacknowledged']],
  );
});

test('a lost gateway with 500 devices is one alarm; afterwards device alarms keep their state', () => {
  const one = desk();
  one.take(telling({ device: 'pv-seen' }), START);
  one.acknowledge(1, by(START));
  const parent = telling({ code: 'PARENT', device: null, teller: 'cloud' });
  one.take({ ...parent, at: START + 1 }, START + 1);
  for (let device = 0; device < 500; device++) one.take(telling({ device: `pv-${device}`, at: START + 2 }), START + 2);
  one.tick(START + 31_000);
  const standing = one.all().filter((alarm) => isStanding(stateOf(alarm)));
  assert.deepEqual(
    standing.map(({ code }) => code),
    ['PARENT'],
  );
  assert.equal(one.all().filter((alarm) => alarm.suppressedBy === standing[0]!.id).length, 501);
  for (let device = 0; device < 500; device++)
    one.take(telling({ device: `pv-${device}`, at: START + 40_000, holds: false }), START + 40_000);
  one.take({ ...parent, at: START + 41_000, holds: false }, START + 41_000);
  one.tick(START + 41_000);
  assert.deepEqual(
    one.all().map((alarm) => [alarm.device, stateOf(alarm)]),
    [
      ['pv-seen', 'acknowledged'],
      [null, 'returned'],
    ],
  );
});

test('a child hidden by a flapping parent is announced once', () => {
  const one = desk();
  const counted = (): number =>
    one.drain().filter(({ isAnnounced, alarm }) => isAnnounced && alarm.code === 'CHILD').length;
  one.take(telling(), START);
  assert.equal(counted(), 1);
  for (let minute = 1; minute < 9; minute++) {
    const at = START + minute * MINUTE;
    one.take(telling({ code: 'PARENT', device: null, at, holds: minute % 2 === 1 }), at);
  }
  assert.equal(counted(), 0);
  one.take(telling({ at: START + 9 * MINUTE, holds: false }), START + 9 * MINUTE);
  one.take(telling({ at: START + 10 * MINUTE }), START + 10 * MINUTE);
  assert.equal(counted(), 1);
});

test('an alarm without a delay that comes behind its parent is announced when the parent ends, not before', () => {
  const one = desk();
  const parent = telling({ code: 'PARENT', device: null });
  const told = (): string[] =>
    one
      .drain()
      .filter(({ isAnnounced }) => isAnnounced)
      .map(({ alarm }) => alarm.code);
  one.take(parent, START);
  one.tick(START + MINUTE);
  assert.deepEqual(told(), ['PARENT']);
  one.take(telling({ at: START + MINUTE }), START + MINUTE);
  assert.deepEqual(told(), []);
  one.take({ ...parent, at: START + 2 * MINUTE, holds: false }, START + 2 * MINUTE);
  assert.deepEqual(told(), ['CHILD']);
});

test('many alarms of one source are looked at in one pass, and the place of each once', () => {
  let [passes, looks] = [0, 0];
  const one = new AlarmDesk({
    rule: (code) => {
      if (code === 'FIRST') passes++;
      return rule(code);
    },
    feeder: ({ device }) => {
      looks++;
      return device!.slice(0, 1);
    },
    alarms: [],
    nextId: 1,
  });
  one.take(telling({ code: 'FIRST', device: 'b' }), START);
  for (let count = 0; count < 500; count++) {
    one.take(telling({ code: 'PARENT', device: `a-${count}` }), START);
    one.take(telling({ device: `a-${count}` }), START);
    one.take(telling({ device: `b-${count}` }), START);
  }
  assert.ok(passes <= 1000, `${passes} passes`);
  one.tick(START);
  assert.equal(looks, 1501);
  const behind = one.all().filter((alarm) => alarm.suppressedBy !== null);
  assert.deepEqual([behind.length, behind.every(({ device }) => device!.startsWith('a'))], [500, true]);
});

test('the first alarm of a burst stays marked until it is acknowledged', () => {
  const one = desk();
  for (const device of ['pv-1', 'pv-2', 'pv-3']) one.take(telling({ device }), START);
  one.take(telling({ source: 'whf-01' }), START);
  const marked = (): (string | null)[] =>
    one
      .all()
      .filter(({ firstOut }) => firstOut)
      .map(({ source, device }) => `${source} ${device}`);
  assert.deepEqual(marked(), ['owd-01 pv-1', 'whf-01 pv-1']);
  one.acknowledge(1, by(START));
  assert.deepEqual(marked(), ['whf-01 pv-1']);
});

test('the dead band keeps an alarm until the value is well inside its limit again', () => {
  const limit = { limit: 100, deadBand: 5 };
  const values = [99, 101, 99, 96, 94.9, 96, 100.1];
  let was = false;
  const states = values.map((value) => (was = beyond(was, { value, ...limit })));
  assert.deepEqual(states, [false, true, true, true, false, false, true]);
});

const command = fc.record({
  what: fc.constantFrom('comes', 'goes', 'parent', 'parent gone', 'ack', 'shelve', 'unshelve', 'out', 'back', 'tick'),
  device: fc.integer({ min: 0, max: 3 }),
  waitS: fc.integer({ min: 0, max: 40 }),
});

test('property: one state per alarm, none lost while active, none shelved beyond 12 h, one first-out', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const one = desk();
      const held = new Set<string>();
      let now = START;
      for (const { what, device, waitS } of commands) {
        now += waitS * 1000;
        const name = `pv-${device}`;
        const alarm = one.all().find((each) => each.device === name);
        if (what === 'comes') one.take(telling({ device: name, at: now }), now);
        if (what === 'goes') one.take(telling({ device: name, at: now, holds: false }), now);
        if (what.startsWith('parent'))
          one.take(telling({ code: 'PARENT', device: null, at: now, holds: what === 'parent' }), now);
        if (what === 'comes') held.add(name);
        if (what === 'goes') held.delete(name);
        if (what === 'ack') one.acknowledge(alarm?.id ?? 0, by(now));
        if (what === 'shelve') one.shelve(alarm?.id ?? 0, by(now, 'why'), now + 99 * 3_600_000);
        if (what === 'unshelve') one.unshelve(alarm?.id ?? 0, now);
        if (what === 'out') one.takeOut(alarm?.id ?? 0, by(now, 'why'));
        if (what === 'back') one.bringBack(alarm?.id ?? 0, now);
        one.tick(now);
        const all = one.all();
        for (const each of held) assert.ok(all.some((known) => known.device === each));
        const parent = all.find(({ code }) => code === 'PARENT');
        for (const each of all) {
          const state = stateOf(each);
          if (state === 'normal')
            assert.ok(each.tellers.length > 0 && !each.active, 'an alarm that is over is removed');
          if (each.shelved !== null) assert.ok(each.shelved.until - each.shelved.at <= MOST_SHELVED_MS);
          if (each.shelved !== null) assert.ok(each.shelved.until > now);
          if (
            each.code === 'CHILD' &&
            parent !== undefined &&
            parent.outOfService === null &&
            parent.tellers.length > 0
          )
            assert.ok(!isStanding(state) || state === 'returned', `a child of a parent that holds is ${state}`);
        }
        const first = all.filter((each) => each.firstOut && stateOf(each) === 'unacknowledged');
        assert.ok(first.length <= 2, 'one for the burst before a parent came, one for the parent');
      }
    }),
  );
});

test('a restored desk continues as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), fc.nat(39), (commands, cut) => {
      const play = (restarts: boolean) => {
        let one = desk();
        let now = START;
        for (const [index, { what, device, waitS }] of commands.entries()) {
          now += waitS * 1000;
          const name = `pv-${device}`;
          if (restarts && index === cut) {
            const alarms = JSON.parse(JSON.stringify(one.all())) as ReturnType<typeof one.all>;
            one = new AlarmDesk({ rule, feeder: () => null, alarms, nextId: one.nextId });
          }
          if (what === 'comes' || what === 'goes')
            one.take(telling({ device: name, at: now, holds: what === 'comes' }), now);
          if (what === 'ack') one.acknowledge(one.all()[0]?.id ?? 0, by(now));
          one.tick(now);
        }
        return one.all().toSorted((a, b) => a.id - b.id);
      };
      assert.deepEqual(play(true), play(false));
    }),
  );
});

test('a reporter whose clock is ahead does not end a shelf or the wait for another reporter', () => {
  const one = desk();
  one.take(telling({ at: START }), START);
  one.shelve(1, by(START, 'known'), START + 60 * MINUTE);
  one.take(telling({ teller: 'cloud', at: START + MINUTE }), START + MINUTE);
  one.restarted('cloud', { confirmBy: START + 30 * MINUTE });
  one.take(telling({ at: START + 24 * 60 * MINUTE }), START + 2 * MINUTE);
  const [alarm] = one.all();
  assert.equal(stateOf(alarm!), 'shelved');
  assert.deepEqual(alarm!.tellers.toSorted(), ['cloud', 'gateway']);
});
