import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import type { SetpointRange } from '../../../../shared/contracts/desk.ts';
import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import {
  commandProgress,
  heldAt,
  proposed,
  rangeText,
  readDraft,
  readNumber,
  recommendationsOf,
  wishText,
  type Draft,
} from './setpoint.ts';

const RANGES: readonly SetpointRange[] = [
  { key: 'activePowerKw', min: -500, max: 500, unit: 'kW' },
  { key: 'reactivePowerKvar', min: -250, max: 250, unit: 'kvar' },
];

test('numbers are read as people type them, and nothing else is', () => {
  for (const [text, value] of [
    ['-300', -300],
    ['\u2212300,5', -300.5],
    [' 1 200 ', 1200],
    ['+.5', 0.5],
    ['', undefined],
    ['1e9', undefined],
    ['0x10', undefined],
    ['12kW', undefined],
  ] as const)
    assert.equal(readNumber(text), value, text);
});

test('a draft shows the problem at each field', () => {
  const good = readDraft({ values: { activePowerKw: '-300' }, minutes: '15', reason: 'why not' }, RANGES);
  assert.deepEqual(good, { wish: { activePowerKw: -300 }, durationS: 900, faults: {} });
  const { faults } = readDraft({ values: { activePowerKw: '501' }, minutes: '0', reason: '' }, RANGES);
  assert.deepEqual(Object.keys(faults).sort(), ['activePowerKw', 'minutes', 'reason']);
  assert.equal(readDraft({ values: {}, minutes: '15', reason: 'why' }, RANGES).faults['activePowerKw'], 'Give a value');
});

test('a number whose separator is ambiguous is refused if both readings are in range', () => {
  const range = { key: 'activePowerKw', min: -2000, max: 2000, unit: 'kW' } as const;
  const faultOf = (text: string): string | undefined =>
    readDraft({ values: { activePowerKw: text }, minutes: '15', reason: 'why not' }, [range]).faults['activePowerKw'];
  for (const text of ['1.200', '1,200', '-1.200', '\u22121,200'])
    assert.match(faultOf(text) ?? '', /^Write .?1200 or .?1\.2$/, text);
  for (const text of ['1.2', '1200', '1 200', '0.200', '9.500']) assert.equal(faultOf(text), undefined, text);
  const volts = { key: 'voltageTargetPu', min: 0.9, max: 1.1, unit: 'pu' } as const;
  assert.deepEqual(
    readDraft({ values: { voltageTargetPu: '1.020' }, minutes: '15', reason: 'why not' }, [volts]).faults,
    {},
  );
});

test('the shown ends of a range may be set, and so may a recommendation at the rating of its device', () => {
  const faultsOf = (values: Draft['values'], range: SetpointRange) =>
    readDraft({ values, minutes: '15', reason: 'why not' }, [range]).faults;
  for (const [min, max, text] of [
    [12.4, 49.6, '12.4 to 49.6'],
    [-3.68, 3.68, '\u22123.68 to 3.68'],
    [-217.9449, 217.9449, '\u2212217.94 to 217.94'],
    [0.29, 500, '0.29 to 500'],
  ] as const) {
    const range: SetpointRange = { key: 'activePowerLimitKw', min, max, unit: 'kW' };
    assert.equal(rangeText(range), `${text}\u00a0kW`);
    for (const end of text.split(' to ')) assert.deepEqual(faultsOf({ activePowerLimitKw: end }, range), {}, end);
    const plan = planFixture([min, max]);
    for (const step of [0, 1]) {
      const [found] = recommendationsOf(plan, step * 900_000);
      assert.deepEqual(faultsOf(proposed(found!.wish, [range]), range), {}, `step ${step} of ${text}`);
    }
  }
  const range: SetpointRange = { key: 'activePowerLimitKw', min: 0, max: 50, unit: 'kW' };
  assert.deepEqual(proposed({ activePowerLimitKw: 60 }, [range]), { activePowerLimitKw: '60' }, 'no rounding error');
  assert.equal(wishText({ activePowerLimitKw: 49.6 }), 'Limit of active power 49.6\u00a0kW');
});

/** A plan of two quarters of an hour for one device. */
const planFixture = (activePowerLimitKw: number[]): PlanBody =>
  ({
    horizon: { start: 0, stepsS: [900, 900] },
    status: 'optimal',
    devices: [{ device: 'pv-1', activePowerLimitKw, reasons: [] }],
  }) as unknown as PlanBody;

test('the progress of a command ends where it was refused and waits at one stage only', () => {
  const base: CommandView = {
    id: 'c',
    kind: 'override',
    target: 'device:owd-01/battery-1',
    gateway: 'owd-01',
    device: 'battery-1',
    setpoint: { activePowerKw: -300 },
    user: 'anna',
    approver: null,
    reason: 'why',
    measuredKw: 0,
    issuedAt: 0,
    expiresAt: 900_000,
    state: 'accepted',
    stages: [{ stage: 'accepted', time: 100, code: null, detail: null }],
  };
  assert.deepEqual(
    commandProgress(base).map(({ mark }) => mark),
    ['done', 'done', 'waiting'],
  );
  const applied = { stage: 'applied', time: 200, code: null, detail: null } as const;
  const marksOf = (kind: CommandView['kind']) =>
    commandProgress({ ...base, kind, state: 'applied', stages: [...base.stages, applied] }).map(({ mark }) => mark);
  assert.deepEqual(marksOf('stop'), ['done', 'done', 'done', 'waiting']);
  assert.deepEqual(marksOf('tag'), ['done', 'done', 'done'], 'a tag has no readback to wait for');
  const refused = commandProgress({
    ...base,
    state: 'refused',
    stages: [...base.stages, { stage: 'rejected', time: 200, code: 'LS-CONTROL-007', detail: 'battery-1 is tagged' }],
  });
  assert.deepEqual([refused.at(-1)?.name, refused.at(-1)?.note], ['Refused', 'battery-1 is tagged']);
  assert.equal(commandProgress({ ...base, state: 'unanswered', stages: [] }).at(-1)?.name, 'No answer');
  assert.equal(wishText(base.setpoint), 'Active power \u2212300\u00a0kW');
});

test('a selection can be confirmed if its gateway holds it or has no selections; otherwise the reason is shown', () => {
  const rejected = { stage: 'rejected', time: 1, code: 'LS-CONTROL-009', detail: 'bert has selected it' } as const;
  const held = (state: CommandView['state']) => heldAt('owd-01', { state, stages: [rejected] });
  assert.deepEqual(heldAt('owd-01', null), {
    mark: 'done',
    text: 'owd-01 has an older version: it checks the setpoint when you confirm.',
  });
  const marks = ['sent', 'accepted', 'applied', 'refused', 'unanswered', 'superseded', 'completed'] as const;
  assert.deepEqual(
    marks.map((state) => held(state).mark),
    ['waiting', 'waiting', 'done', 'failed', 'failed', 'failed', 'failed'],
  );
  assert.equal(held('refused').text, 'owd-01 refuses: bert has selected it.');
});
