import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attendance } from './attendance.ts';
import { makeRig, RIG_YAML, type Rig } from './testing/rig.ts';

test('one silent meter is reported by itself, all of them as the site; the first to answer clears the site', async () => {
  const rig = await makeRig();
  await rig.run(20);
  const notices = (): string[] =>
    rig.uplink
      .of('events')
      .flatMap(({ events }) => events)
      .filter(({ code }) => code === 'LS-METER-003' || code === 'LS-METER-006')
      .map(
        ({ code, device, active }) =>
          `${code}${device === undefined ? '' : ` ${device}`} ${active === true ? 'came' : 'went'}`,
      );
  rig.world['f/p'] = null;
  await rig.run(20);
  assert.deepEqual(notices(), ['LS-METER-003 feeder-1 came']);
  Object.assign(rig.world, { 't/p': null, 't/q': null, 't/v': null });
  await rig.run(20);
  assert.ok(notices().includes('LS-METER-003 transformer came'));
  assert.ok(notices().includes('LS-METER-006 came'));
  Object.assign(rig.world, { 't/p': 300, 't/q': 0, 't/v': 1 });
  await rig.run(20);
  assert.deepEqual(
    notices()
      .filter((each) => each.endsWith('went'))
      .toSorted(),
    ['LS-METER-003 transformer went', 'LS-METER-006 went'],
  );
  await rig.gateway.stop();
});

test('a meter that reports voltage but no power is silent', async () => {
  const rig = await makeRig();
  await rig.run(5);
  rig.world['t/p'] = null;
  await rig.run(20);
  assert.deepEqual(
    rig.gateway.status().alarms.filter((text) => text.startsWith('LS-METER')),
    [
      'LS-METER-003 the meter of transformer is silent: devices behind it are frozen, after a minute on their safe defaults',
    ],
  );
});

const alarmsOf = (rig: Rig, code: string): string[] =>
  rig.gateway.status().alarms.filter((text) => text.startsWith(code));

test('a meter that stops reporting a limited current is silent, and devices behind it are frozen', async () => {
  const limited = RIG_YAML.replace(
    'activePowerKw: { topic: f/p }',
    'activePowerKw: { topic: f/p }, currentA: { topic: f/a }',
  ).replace('limits: { importKw: 500 }', 'limits: { importKw: 500, currentA: 700 }');
  const rig = await makeRig({ yaml: limited });
  rig.world['f/a'] = 300;
  await rig.run(5);
  assert.deepEqual(alarmsOf(rig, 'LS-METER'), []);
  rig.world['f/a'] = null;
  await rig.run(10);
  assert.deepEqual(alarmsOf(rig, 'LS-METER'), [
    'LS-METER-003 the meter of feeder-1 is silent: devices behind it are frozen, after a minute on their safe defaults',
  ]);
  await rig.gateway.stop();
});

test('zero voltage while load flows is reported as a blown fuse, at a busbar or a device; not without load', async () => {
  const rig = await makeRig();
  await rig.run(5);
  rig.world['t/v'] = 0.02;
  await rig.run(25);
  assert.deepEqual(alarmsOf(rig, 'LS-METER'), [], 'it may be a dip');
  await rig.run(10);
  const words = (device: string): string =>
    `LS-METER-007 the voltage of ${device} reads zero while load flows: a fuse of its voltage measurement has probably blown; its voltage is not guarded, and its power may read too low`;
  assert.deepEqual(alarmsOf(rig, 'LS-METER'), [words('transformer')]);
  Object.assign(rig.world, { 't/v': 1, 'pv/v': 0 });
  await rig.run(50);
  assert.deepEqual(alarmsOf(rig, 'LS-METER'), [words('pv-1')]);
  rig.world['pv/p'] = 0;
  await rig.run(50);
  assert.deepEqual(alarmsOf(rig, 'LS-METER'), [], 'a dark terminal is not a blown fuse');
  await rig.gateway.stop();
});

test('a meter and a device that were dead before the start are reported after a minute', async () => {
  const rig = await makeRig();
  Object.assign(rig.world, { 't/p': null, 't/q': null, 't/v': null, 'b/p': null, 'b/soc': null });
  await rig.run(40);
  assert.deepEqual(rig.gateway.status().alarms, [], 'they may still report');
  await rig.run(40);
  const codes = rig.gateway.status().alarms.map((text) => text.split(' ').slice(0, 5).join(' '));
  assert.deepEqual(codes.toSorted(), [
    'LS-CONTROL-003 battery-1 does not answer;',
    'LS-METER-003 the meter of transformer',
  ]);
});

test('after a pause a meter that reports again is not flagged; a dead one is flagged after its usual time', () => {
  const attendance = new Attendance(250);
  const meter = (youngestMs: number) => ({ id: 'transformer', youngestMs, staleAfterS: 3 });
  let [elapsedMs, youngestMs] = [0, 0];
  const cycle = (stepS: number): boolean => {
    elapsedMs += 1000 * stepS;
    attendance.attend(elapsedMs, stepS);
    return attendance.excuses(meter(youngestMs));
  };
  const cycles = (count: number): boolean[] => Array.from({ length: count }, () => cycle(0.25));
  for (let second = 0; second < 10; second++) {
    youngestMs = elapsedMs;
    cycles(4);
  }
  assert.deepEqual([cycles(8).at(-1), cycle(0.25)], [true, false], 'dead for 3 s in cycles that ran');
  youngestMs = elapsedMs;
  cycles(4);
  assert.equal(cycle(30), true, 'paused for half a minute');
  assert.deepEqual(
    [cycles(4).at(-1), cycle(0.25)],
    [true, false],
    'one second of the pause counts, plus two in cycles',
  );
  youngestMs = elapsedMs;
  assert.equal(cycle(0.25), true);
});
