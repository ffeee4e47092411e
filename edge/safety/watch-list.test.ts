import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDocument } from '../cycle/testing/documents.ts';
import type { Image } from '../control/image.ts';
import type { ElementSpec } from '../control/model.ts';
import { device } from '../control/testing/images.ts';
import { emptyGuardState } from '../control/safety-memory.ts';
import { batterySpec, pvSpec } from '../control/testing/specs.ts';
import { guard } from './guard.ts';
import type { GuardLever } from './guard-types.ts';
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
    ['transformer-kva', -700, 700],
    ['feeder-1-power', -50, 100],
  ]);
  assert.deepEqual(spans(false), [
    ['battery-1-voltage', 0.99, 1.01],
    ['transformer-power', -400, 600],
    ['transformer-kva', -700, 700],
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
    [1, undefined, 1],
    'the map says which devices count, the present flow how much',
  );
});

/** A transformer of 630 kVA with battery and PV, whose map is of a flow of `mapKw` with one device on no feeder. */
function site630(kw: number, kvar: number, { mapKw }: { mapKw: number | null }) {
  const kva = { id: 'owd-s', element: 'owd-t1', quantity: 'apparentPowerKva' as const, min: 0, max: 630, perKvar: {} };
  const sign = Math.sign(mapKw ?? 0);
  const map = planDocument(0, {
    assumptions: { topologyVersion: 1, devices: ['battery-1', 'pv-1'], heads: [], substitutions: [] },
    watched: [{ ...kva, perKw: { 'battery-1': 0.97 * sign, 'pv-1': 0.97 * sign } }],
  }).body;
  const seen = { ...image.elements.get('transformer')!, activePowerKw: kw, reactivePowerKvar: kvar };
  return {
    elements: [{ ...transformer, range: { minKw: -Infinity, maxKw: 600 }, ratedKva: 630, thermal: null }],
    specs: [batterySpec({ rating: { minKw: -200, maxKw: 200 } }), pvSpec({ rating: { minKw: -900, maxKw: 0 } })],
    image: { ...image, elements: new Map([['transformer', seen]]) },
    map: mapKw === null ? null : map,
    inForce: false,
    thermalKva: null,
  };
}

/** Power at the transformer in each second under the guard; `loadKw` is what battery and PV do not take. */
function guarded(loadKw: (second: number) => number, more: { kvar: number; mapKw: number | null }): number[] {
  const settings = { responseS: 3, marginPct: 1, releaseKwPerS: 5, meterErrorPct: 0 };
  let state = emptyGuardState();
  let [battery, pv] = [0, -900];
  return Array.from({ length: 600 }, (_, second) => {
    const kw = loadKw(second) + battery + pv;
    const lever = { ageS: 0, commanded: null, kind: 'p' as const, safe: 0 };
    const levers: GuardLever[] = [
      {
        ...lever,
        key: 'battery-1:p',
        device: 'battery-1',
        value: battery,
        span: { minKw: -200, maxKw: 200 },
        moves: 'both',
        goal: 0,
        cost: 1,
      },
      {
        ...lever,
        key: 'pv-1:p',
        device: 'pv-1',
        value: pv,
        span: { minKw: -900, maxKw: 0 },
        moves: 'up',
        goal: -900,
        cost: 8,
      },
    ];
    const result = guard(watchList(site630(kw, more.kvar, more)), levers, state, { settings, stepS: 1 });
    state = result.state;
    const range = (key: string) => result.ranges.get(key) ?? { minKw: -Infinity, maxKw: Infinity };
    battery = Math.max(range('battery-1:p').minKw, Math.min(range('battery-1:p').maxKw, 0));
    pv = Math.max(range('pv-1:p').minKw, Math.min(range('pv-1:p').maxKw, -900));
    return kw;
  });
}

for (const mapKw of [500, -500, null])
  test(`the guard relieves an overload by its present direction, with a map of ${mapKw ?? 'no'} kW`, () => {
    const kw = guarded(() => 250, { kvar: 0, mapKw });
    assert.ok(kw[0] === -650 && Math.min(...kw) === -650, `the worst is ${Math.min(...kw)} kW`);
    assert.ok(
      kw.slice(10).every((each) => each >= -630),
      `${kw.slice(10, 14).join(', ')} kW`,
    );
    const through = guarded((second) => (second < 60 ? 0 : 900), { kvar: 0, mapKw });
    assert.ok(through.at(-1)! < 10, `PV is free once the load needs it: ${through.at(-1)} kW`);
  });

test('where reactive power alone overloads the transformer, active power goes to zero and rests there', () => {
  for (const kvar of [640, 700])
    for (const loadKw of [760, 850, 900, 940, 1000, 1060, 1200]) {
      const kw = guarded(() => loadKw, { kvar, mapKw: 500 });
      const start = loadKw - 900;
      assert.ok(
        Math.max(...kw.map(Math.abs)) <= Math.abs(start) + 1e-6,
        `${start} kW, ${kvar} kvar: ${kw.slice(0, 9).join(', ')}`,
      );
      const tail = kw.slice(60);
      assert.ok(
        Math.max(...tail) - Math.min(...tail) < 1,
        `${start} kW, ${kvar} kvar: from ${Math.min(...tail)} to ${Math.max(...tail)}`,
      );
    }
});
