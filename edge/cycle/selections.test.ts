import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandBody } from '../../shared/contracts/document.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { parseConfig } from '../config/load.ts';
import { initialState, type ControlState } from '../control/state.ts';
import { Selections } from './selections.ts';
import { siteOf } from './specs.ts';
import { commandDocument } from './testing/documents.ts';
import { RIG_YAML, START } from './testing/rig.ts';

const { specs, elements } = siteOf(parseConfig(RIG_YAML, 'rig.yaml'));
const free: ControlState = initialState('automatic', START);

/** Machine time advances here while plant time stands still. `told`: the reports of commands, oldest first. */
function rig(state = free) {
  const selections = new Selections();
  let sequence = 0;
  const stages: string[] = [];
  const say = (reports: readonly DocumentReport[]): void => {
    for (const { id, stage, code } of reports) stages.push([id, stage, code].filter(Boolean).join(' '));
  };
  const world = {
    /** Control state when a command arrives; commands do not change it here. */
    state,
    stages,
    lapse: (atS: number) => say(selections.lapse({ time: START, elapsedMs: atS * 1000 })),
    give: (atS: number, id: string, body: Partial<CommandBody>) => {
      const whole = { durationS: 600, device: 'battery-1', setpoint: { activePowerKw: 20 }, ...body, id };
      const moment = { specs, elements, substation: 'owd', time: START, elapsedMs: atS * 1000 };
      const effect = selections.apply(commandDocument(START, whole, ++sequence), world.state, moment);
      say(effect.reports);
      return effect;
    },
  };
  return world;
}

const select = { kind: 'select' } as const;
const confirm = (selection: string, body: Partial<CommandBody> = {}): Partial<CommandBody> => ({ selection, ...body });
const cancel = (selection: string, body: Partial<CommandBody> = {}): Partial<CommandBody> => ({
  kind: 'cancel',
  selection,
  ...body,
});
const pv = { device: 'pv-1', setpoint: { activePowerLimitKw: 50 } };

type Step = readonly [atS: number, id: string, body: Partial<CommandBody>];

const cases: readonly (readonly [name: string, steps: readonly Step[], stages: readonly string[]])[] = [
  [
    'a selection is confirmed once',
    [
      [0, 'select-1', select],
      [29, 'override-1', confirm('select-1')],
      [29, 'override-2', confirm('select-1')],
    ],
    ['select-1 applied', 'override-1 applied', 'select-1 completed', 'override-2 rejected LS-CONTROL-010'],
  ],
  [
    'a selection lapses after 30 s of machine time',
    [
      [0, 'select-1', select],
      [30, 'override-1', confirm('select-1')],
    ],
    ['select-1 applied', 'override-1 rejected LS-CONTROL-010', 'select-1 expired'],
  ],
  [
    'other users can neither select nor command the device until the selection ends',
    [
      [0, 'select-1', select],
      [10, 'select-2', { ...select, user: 'bert' }],
      [10, 'override-2', { user: 'bert' }],
      [30, 'select-3', { ...select, user: 'bert' }],
    ],
    [
      'select-1 applied',
      'select-2 rejected LS-CONTROL-009',
      'override-2 rejected LS-CONTROL-009',
      'select-3 applied',
      'select-1 expired',
    ],
  ],
  [
    'selections of different devices are independent',
    [
      [0, 'select-1', select],
      [0, 'select-2', { ...select, ...pv, user: 'bert' }],
      [1, 'override-2', confirm('select-2', { ...pv, user: 'bert' })],
      [1, 'override-1', confirm('select-1')],
    ],
    [
      'select-1 applied',
      'select-2 applied',
      'override-2 applied',
      'select-2 completed',
      'override-1 applied',
      'select-1 completed',
    ],
  ],
  [
    'a new selection by the same user replaces the previous one',
    [
      [0, 'select-1', select],
      [5, 'select-2', { ...select, setpoint: { activePowerKw: 30 } }],
      [6, 'override-1', confirm('select-1')],
      [34, 'override-2', confirm('select-2', { setpoint: { activePowerKw: 30 } })],
    ],
    [
      'select-1 applied',
      'select-2 applied',
      'select-1 superseded',
      'override-1 rejected LS-CONTROL-010',
      'override-2 applied',
      'select-2 completed',
    ],
  ],
  [
    'an override without a selection, as from an older cloud, ends the selection of its user',
    [
      [0, 'override-0', {}],
      [1, 'select-1', select],
      [2, 'override-1', {}],
      [3, 'override-2', confirm('select-1')],
    ],
    [
      'override-0 applied',
      'select-1 applied',
      'override-1 applied',
      'select-1 superseded',
      'override-2 rejected LS-CONTROL-010',
    ],
  ],
  [
    'a stop acts during a selection and leaves it standing',
    [
      [0, 'select-1', select],
      [1, 'stop-one', { kind: 'stop', device: 'battery-1', user: 'bert' }],
      [2, 'release-1', { kind: 'release', device: 'battery-1', user: 'bert' }],
      [3, 'override-1', confirm('select-1')],
    ],
    ['select-1 applied', 'stop-one applied', 'release-1 applied', 'override-1 applied', 'select-1 completed'],
  ],
  [
    'a cancelled selection frees the device at once and cannot be confirmed',
    [
      [0, 'select-1', select],
      [1, 'cancel-1', cancel('select-1')],
      [1, 'select-2', { ...select, user: 'bert' }],
      [2, 'override-1', confirm('select-1')],
      [3, 'override-2', confirm('select-2', { user: 'bert' })],
    ],
    [
      'select-1 applied',
      'cancel-1 applied',
      'select-1 superseded',
      'select-2 applied',
      'override-1 rejected LS-CONTROL-010',
      'override-2 applied',
      'select-2 completed',
    ],
  ],
  [
    'only its user can cancel a selection; an attempt by others leaves it standing',
    [
      [0, 'select-1', select],
      [1, 'cancel-1', cancel('select-1', { user: 'bert' })],
      [1, 'cancel-2', cancel('select-1', { device: 'pv-1' })],
      [1, 'cancel-3', cancel('select-0')],
      [1, 'cancel-4', { kind: 'cancel' }],
      [1, 'cancel-5', { kind: 'cancel', selection: 'select-1', device: undefined } as never],
      [2, 'override-1', confirm('select-1')],
    ],
    [
      'select-1 applied',
      'cancel-1 rejected LS-CONTROL-009',
      'cancel-2 rejected LS-CONTROL-010',
      'cancel-3 rejected LS-CONTROL-010',
      'cancel-4 rejected LS-CONTROL-010',
      'cancel-5 rejected LS-DOC-005',
      'override-1 applied',
      'select-1 completed',
    ],
  ],
  [
    'a used, replaced or lapsed selection cannot be cancelled',
    [
      [0, 'select-1', select],
      [1, 'override-1', confirm('select-1')],
      [2, 'cancel-1', cancel('select-1')],
      [3, 'select-2', select],
      [4, 'select-3', select],
      [5, 'cancel-2', cancel('select-2')],
      [34, 'cancel-3', cancel('select-3')],
      [34, 'cancel-4', cancel('select-3')],
    ],
    [
      'select-1 applied',
      'override-1 applied',
      'select-1 completed',
      'cancel-1 rejected LS-CONTROL-010',
      'select-2 applied',
      'select-3 applied',
      'select-2 superseded',
      'cancel-2 rejected LS-CONTROL-010',
      'cancel-3 rejected LS-CONTROL-010',
      'select-3 expired',
      'cancel-4 rejected LS-CONTROL-010',
    ],
  ],
  [
    'a selection needs a duration',
    [[0, 'select-1', { ...select, durationS: undefined } as never]],
    ['select-1 rejected LS-DOC-005'],
  ],
];

for (const [name, steps, stages] of cases)
  test(name, () => {
    const world = rig();
    for (const [atS, id, body] of steps) world.give(atS, id, body);
    assert.deepEqual(
      // Reports of overrides that another one superseded do not matter here.
      world.stages.filter((each) => !/^override-\d superseded$/.test(each)),
      stages,
    );
  });

test('a selection can be cancelled whatever happened to its device, and control is unchanged', () => {
  const world = rig();
  world.give(0, 'select-1', select);
  const barred: ControlState = { ...free, mode: 'monitor', tagged: ['battery-1'] };
  world.state = barred;
  const { state, events } = world.give(1, 'cancel-1', cancel('select-1'));
  assert.equal(state, barred);
  assert.deepEqual(
    events.map(({ code, text, device }) => [code, text, device]),
    [['command.cancel', 'cancel battery-1 by anna: test', 'battery-1']],
  );
  world.lapse(30);
  assert.deepEqual(world.stages, ['select-1 applied', 'cancel-1 applied', 'select-1 superseded']);
});

test('an override that differs from its selection is refused and consumes the selection', () => {
  for (const [name, body] of Object.entries<Partial<CommandBody>>({
    user: { user: 'bert' },
    device: pv,
    value: { setpoint: { activePowerKw: 20.5 } },
    'one value more': { setpoint: { activePowerKw: 20, reactivePowerKvar: 0 } },
    duration: { durationS: 601 },
    'longer than it says': { expiresAt: START + 600_001 },
  })) {
    const world = rig();
    world.give(0, 'select-1', select);
    const { state, reports } = world.give(1, 'override-1', confirm('select-1', body));
    assert.deepEqual(state, free, name);
    assert.equal(reports[0]!.stage, 'rejected', name);
    world.give(2, 'override-2', confirm('select-1'));
    assert.deepEqual(world.stages.slice(2), ['select-1 completed', 'override-2 rejected LS-CONTROL-010'], name);
  }
});

test('a selection is checked like its override and changes nothing in control', () => {
  const judged: readonly (readonly [ControlState, Partial<CommandBody>, string])[] = [
    [free, { device: 'nobody' }, 'LS-DOC-005'],
    [free, { expiresAt: START }, 'LS-DOC-003'],
    [free, { setpoint: {} }, 'LS-DOC-005'],
    [free, { setpoint: { capacitorStep: 1 } }, 'LS-DOC-005'],
    [free, { device: 'ev-1', setpoint: { activePowerLimitKw: 20 } }, 'LS-CONTROL-007'],
    [{ ...free, mode: 'monitor' }, {}, 'LS-CONTROL-007'],
    [{ ...free, tagged: ['battery-1'] }, {}, 'LS-CONTROL-007'],
    [{ ...free, stopped: { gateway: true, devices: [] } }, {}, 'LS-CONTROL-007'],
  ];
  for (const [state, body, code] of judged) {
    const world = rig(state);
    const selected = world.give(0, 'command-1', { ...select, ...body });
    const given = rig(state).give(0, 'command-1', body);
    assert.deepEqual(selected.reports, given.reports);
    assert.equal(selected.reports[0]!.code, code);
  }
  const world = rig();
  const { state, events } = world.give(0, 'select-1', select);
  assert.equal(state, free);
  assert.deepEqual(
    events.map(({ code, text, device }) => [code, text, device]),
    [['command.select', 'select battery-1 by anna: test', 'battery-1']],
  );
  world.lapse(29.999);
  world.lapse(30);
  world.lapse(31);
  assert.deepEqual(world.stages, ['select-1 applied', 'select-1 expired']);
});
