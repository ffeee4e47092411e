import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDocument } from '../cycle/testing/documents.ts';
import type { Image } from '../control/image.ts';
import type { ElementSpec } from '../control/model.ts';
import { device } from '../control/testing/images.ts';
import { batterySpec } from '../control/testing/specs.ts';
import { gridList, watchList } from './watch-list.ts';

const transformer: ElementSpec = {
  id: 'transformer',
  range: { minKw: -400, maxKw: 600 },
  ratedKva: 1000,
  currentA: null,
  voltageBand: null,
  failsafe: null,
  thermal: { ambientC: 40 },
};
const image: Image = {
  time: 0,
  stepS: 1,
  devices: new Map(),
  elements: new Map([
    [
      'transformer',
      {
        id: 'transformer',
        fresh: true,
        lastSeen: 0,
        activePowerKw: 500,
        reactivePowerKvar: 0,
        voltagePu: 1,
        currentA: null,
      },
    ],
  ]),
  ambientC: null,
};

test('the hot spot replaces the rating; a plan counts only below the rating; other limits stay', () => {
  const watched = (max: number) => [
    { id: 'owd-kva', element: 'owd-t1', quantity: 'apparentPowerKva' as const, min: 0, max, perKw: {}, perKvar: {} },
  ];
  const rows = [
    [null, null, 1000],
    [1250, null, 1250],
    [1250, 1000, 1250],
    [1250, 1100, 1250],
    [1250, 900, 900],
  ] as const;
  for (const [thermalKva, planned, expected] of rows) {
    const map = planned === null ? null : planDocument(0, { watched: watched(planned) }).body;
    const values = watchList({ elements: [transformer], specs: [], image, map, inForce: true, thermalKva });
    const max = (id: string) => values.find((each) => each.id === id)?.max;
    assert.deepEqual([max('transformer-kva'), max('transformer-power')], [expected, 600], `${thermalKva}, ${planned}`);
  }
});

test('import limits of a plan or the grid are grid limits, not equipment limits', () => {
  const planned = (max: number, raised = false) => {
    const watched = [
      { id: 'owd-p', element: 'owd-t1', quantity: 'activePowerKw' as const, min: -400, max, perKw: {}, perKvar: {} },
    ];
    const element = raised ? { ...transformer, raised } : transformer;
    const map = planDocument(0, { watched }).body;
    return { elements: [element], specs: [], image, map, inForce: true, thermalKva: null };
  };
  const shown = (values: ReturnType<typeof gridList>) => values.map(({ id, min, max }) => [id, min, max]);
  assert.equal(watchList(planned(450)).find(({ id }) => id === 'transformer-power')?.max, 600);
  assert.deepEqual(shown(gridList(planned(450), null)), [['planned-import', -400, 450]]);
  assert.deepEqual(shown(gridList(planned(450), { minKw: -300, maxKw: 500 })), [
    ['grid-limit', -300, 500],
    ['planned-import', -400, 450],
  ]);
  assert.deepEqual(shown(gridList(planned(700), null)), [], 'a plan widens nothing');
  assert.deepEqual(
    shown(gridList(planned(450, true), null)),
    [],
    'it does not narrow a limit that a person raised either',
  );
});

test('a plan not in force no longer narrows active power; network limits and sensitivities stay', () => {
  const limit = { element: 'owd-t1', min: -50, perKw: { 'battery-1': 0.9 }, perKvar: {} };
  const terminal = {
    ...limit,
    element: 'battery-1',
    id: 'battery-1-v',
    quantity: 'voltagePu' as const,
    min: 0.99,
    max: 1.01,
  };
  const map = planDocument(0, {
    assumptions: { topologyVersion: 1, devices: ['battery-1'], heads: [], substitutions: [] },
    watched: [
      { ...limit, id: 'owd-p', quantity: 'activePowerKw', max: 300 },
      { ...limit, id: 'owd-s', quantity: 'apparentPowerKva', min: 0, max: 700 },
      { ...limit, id: 'owd-1-p', element: 'owd-1', quantity: 'activePowerKw', max: 100 },
      terminal,
    ],
  }).body;
  const head = { ...transformer, id: 'feeder-1', ratedKva: null, range: { minKw: -200, maxKw: 500 } };
  const devices = new Map([device('battery-1')]);
  const site = {
    elements: [transformer, head],
    specs: [batterySpec()],
    image: { ...image, devices },
    map,
    thermalKva: null,
  };
  const values = (inForce: boolean) => watchList({ ...site, inForce });
  const spans = (inForce: boolean) => values(inForce).map(({ id, min, max }) => [id, min, max]);
  assert.deepEqual(spans(true), [
    ['battery-1-voltage', 0.99, 1.01],
    ['transformer-power', -400, 600],
    ['transformer-kva', 0, 700],
    ['feeder-1-power', -50, 100],
  ]);
  assert.deepEqual(spans(false), [
    ['battery-1-voltage', 0.99, 1.01],
    ['transformer-power', -400, 600],
    ['transformer-kva', 0, 700],
    ['feeder-1-power', -200, 500],
  ]);
  assert.deepEqual(gridList({ ...site, inForce: false }, null), []);
  assert.deepEqual(
    values(false).map(({ mapped, perKw }) => [mapped, perKw.get('battery-1')]),
    values(true).map(({ mapped, perKw }) => [mapped, perKw.get('battery-1')]),
  );
});

test('a device in the plan gets its sensitivity from the map, any other the default', () => {
  const limit = { element: 'owd-t1', min: -400, perKvar: {} };
  const map = planDocument(0, {
    assumptions: { topologyVersion: 1, devices: ['known', 'elsewhere'], heads: [], substitutions: [] },
    watched: [
      { ...limit, id: 'owd-p', quantity: 'activePowerKw', max: 300, perKw: { known: 0.9 } },
      { ...limit, id: 'owd-s', quantity: 'apparentPowerKva', max: 900, perKw: { known: 0.8 } },
    ],
  }).body;
  const specs = ['known', 'elsewhere', 'silent'].map((id) => batterySpec({ id }));
  const site = { elements: [transformer], specs, image, map, inForce: true, thermalKva: null };
  const [grid] = gridList(site, { minKw: -400, maxKw: 250 });
  assert.deepEqual(
    [...grid!.perKw],
    [
      ['known', 0.9],
      ['silent', 1],
    ],
  );
  const rated = watchList(site).find(({ id }) => id === 'transformer-kva');
  assert.deepEqual(
    [rated?.perKw.get('known'), rated?.perKw.get('elsewhere'), rated?.perKw.get('silent')],
    [0.8, undefined, 1],
  );
});
