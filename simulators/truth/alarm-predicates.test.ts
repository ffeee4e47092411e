import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmView } from '../../shared/contracts/alarm.ts';
import type { EventParameters } from '../../shared/contracts/event.ts';
import { AlarmJudge } from './alarm-judge.ts';
import { alarmPredicates } from './alarm-predicates.ts';
import { untouched, type Moment } from './moment.ts';

const injected = { ...untouched(), silent: ['battery-1'] };
const moment = (atS: number): Moment =>
  ({
    atS,
    gateway: 'owd-01',
    substation: {
      id: 'owd',
      limits: { importKw: 100, exportKw: 100, vMinPu: 0.9, vMaxPu: 1.1 },
      network: { lines: [], feeders: [] },
      devices: [],
      meters: [],
    },
    truth: {
      transformer: { activePowerKw: 300, reactivePowerKvar: 400 },
      feeders: [{ id: 'owd-2', activePowerKw: 30, reactivePowerKvar: 40, energised: true }],
      devices: [{ id: 'battery-1', voltagePu: 1.02, values: {} }],
      branchIds: [],
      loadingPct: [],
    },
    injected,
    linked: true,
    unheardS: 0,
    pastS: () => 0,
    commands: new Map(),
  }) as unknown as Moment;

const predicate = alarmPredicates['LS-CONTROL-004']!;

test('an alarm is judged by its values, not by its words', () => {
  assert.ok(predicate.kind === 'counterfactual');
  const value = (element: string, unit: string) => predicate.value!(moment(0), { element, unit });
  assert.deepEqual(
    [value('transformer', 'kW'), value('transformer', 'kVA'), value('feeder-2', 'kW'), value('feeder-2', 'kVA')],
    [300, 500, 30, 50],
  );
  assert.deepEqual([value('battery-1', 'pu'), value('feeder-9', 'kW')], [1.02, undefined]);
  const stands = (said: EventParameters) =>
    predicate.stands(moment(0), 'transformer', { element: 'transformer', value: 300, bound: 100, ...said });
  assert.equal(stands({ why: 'the relief that was asked for does not come' }), true);
  assert.equal(stands({ why: 'because' }), false);
  assert.equal(stands({ why: 'the relief that was asked for does not come', value: -300, bound: -100 }), false);
  assert.equal(stands({}), false);
});

test('a value that returns too slowly has exceeded its limit on that side for a minute', () => {
  assert.ok(predicate.kind === 'counterfactual');
  const stands = (pastS: number, side: string): boolean =>
    predicate.stands({ ...moment(0), pastS: (limit) => (limit.side === side ? pastS : 0) }, 'transformer', {
      element: 'transformer',
      value: 300,
      bound: 100,
      why: 'it comes back too slowly',
    });
  assert.deepEqual([stands(60, 'high'), stands(59, 'high'), stands(60, 'low')], [true, false, false]);
});

test('half of the trip time of a relay is over only if the relay of that head says so', () => {
  assert.ok(predicate.kind === 'counterfactual');
  const one = moment(0);
  const stands = (...relays: readonly (readonly [number, boolean])[]): boolean =>
    predicate.stands(
      {
        ...one,
        substation: {
          ...one.substation,
          heads: [{ feeder: 'owd-2', importKw: 20, exportKw: 20 }],
        },
        truth: {
          ...one.truth,
          feeders: [{ ...one.truth.feeders[0]!, id: 'owd-1', activePowerKw: 0 }, ...one.truth.feeders],
        },
        plant: { snapshot: () => ({ relays }) },
      } as unknown as Moment,
      'feeder-2',
      { element: 'feeder-2', value: 30, bound: 20, why: 'half of the time of its relay is over' },
    );
  assert.deepEqual(
    [stands([0, false], [0.5, false]), stands([0.9, false], [0.1, false]), stands([0, false], [0, true])],
    [true, false, true],
  );
});

test('a missing or wrong figure makes the sentence false, whatever its words', () => {
  const alarm = (parameters: EventParameters | undefined) =>
    ({
      id: 1,
      occurrences: 1,
      code: 'LS-CONTROL-004',
      source: 'owd-01',
      device: null,
      subject: 'unmet:transformer',
      active: true,
      state: 'unacknowledged',
      text: 'transformer at 300 kW is past its limit of 100, and the relief that was asked for does not come',
      ...(parameters === undefined ? {} : { parameters }),
    }) as unknown as AlarmView;
  const why = 'the relief that was asked for does not come';
  const falseSentences = (parameters: EventParameters | undefined): number => {
    const judge = new AlarmJudge('unit');
    for (let atS = 1; atS < 60; atS++) judge.second(moment(atS), [alarm(parameters)]);
    return judge.falseSentences;
  };
  const said = { element: 'transformer', unit: 'kW', why };
  assert.deepEqual([falseSentences({ ...said, value: 300 }), falseSentences({ ...said, value: 200 })], [0, 1]);
  assert.equal(falseSentences(said), 1);
});
