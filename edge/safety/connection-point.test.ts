import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Joined } from '../control/envelope.ts';
import type { DeviceImage, Image } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';
import { contractShares, drawnTogether, plannedPoints, type PointSpec, type SharedRange } from './connection-point.ts';

type Pair = readonly [minKw: number, maxKw: number];
const range = ([minKw, maxKw]: Pair): PowerRange => ({ minKw, maxKw });
const pair = ({ minKw, maxKw }: PowerRange): Pair => [minKw, maxKw];

test('ranges of devices, connection points and gateway are kept together', () => {
  const rows: readonly {
    readonly why: string;
    readonly devices: Readonly<Record<string, readonly [...Pair, wishedKw: number]>>;
    readonly shared: readonly (readonly [devices: string, range: Pair])[];
    readonly left: Readonly<Record<string, Pair>>;
  }[] = [
    { why: 'nothing shared', devices: { a: [-100, 100, 0] }, shared: [], left: { a: [-100, 100] } },
    {
      why: 'one may use what the other leaves',
      devices: { a: [-100, 100, 60], b: [-100, 100, 0] },
      shared: [['a b', [-150, 60]]],
      left: { a: [-69, 60], b: [-81, 0] },
    },
    {
      why: 'half of the excess over the wishes',
      devices: { a: [-100, 100, 20], b: [-100, 100, 20] },
      shared: [['a b', [-200, 120]]],
      left: { a: [-100, 60], b: [-100, 60] },
    },
    {
      why: 'the connection point first, then all',
      devices: { a: [0, 100, 0], b: [0, 100, 0], c: [0, 100, 0] },
      shared: [
        ['a b', [0, 100]],
        ['a b c', [0, 100]],
      ],
      left: { a: [0, 25], b: [0, 25], c: [0, 50] },
    },
    {
      why: 'a device that is not here takes no part',
      devices: { a: [0, 100, 0] },
      shared: [['a gone', [0, 40]]],
      left: { a: [0, 40] },
    },
  ];
  for (const { why, devices, shared, left } of rows) {
    const own = new Map<string, Joined>(
      Object.entries(devices).map(([id, [minKw, maxKw, wishedKw]]) => [
        id,
        { range: { minKw, maxKw }, wishedKw, fixed: false },
      ]),
    );
    const drawn = drawnTogether(
      own,
      shared.map(([members, each]): SharedRange => ({ devices: members.split(' '), range: range(each) })),
    );
    for (const [id, each] of Object.entries(left))
      assert.deepEqual(pair(drawn.get(id)!).map(Math.round), each, `${why}: ${id}`);
  }
});

test('property: no device exceeds its own range, and no sum its shared one', () => {
  const kw = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(kw, kw, fc.integer({ min: -500, max: 500 })), { minLength: 4, maxLength: 4 }),
      fc.array(fc.tuple(kw, kw), { minLength: 3, maxLength: 3 }),
      (devices, sums) => {
        const own = new Map<string, Joined>(
          devices.map(([least, most, wishedKw], at) => [
            `d${at}`,
            { range: { minKw: -least, maxKw: most }, wishedKw, fixed: false },
          ]),
        );
        const members = [['d0', 'd1'], ['d2', 'd3'], [...own.keys()]];
        const shared = sums.map(([least, most], at) => ({
          devices: members[at]!,
          range: { minKw: -least, maxKw: most },
        }));
        const drawn = drawnTogether(own, shared);
        for (const [id, { minKw, maxKw }] of drawn) {
          assert.ok(minKw >= own.get(id)!.range.minKw - 1e-9 && maxKw <= own.get(id)!.range.maxKw + 1e-9);
          assert.ok(minKw <= maxKw + 1e-9);
        }
        for (const { devices: list, range: most } of shared) {
          const sum = (end: 'minKw' | 'maxKw'): number => list.reduce((whole, id) => whole + drawn.get(id)![end], 0);
          assert.ok(sum('maxKw') <= most.maxKw + 1e-6 && sum('minKw') >= most.minKw - 1e-6);
        }
      },
    ),
  );
});

const device = (id: string, activePowerKw: number | null, fresh = true): DeviceImage => ({
  id,
  fresh,
  lastSeen: 0,
  activePowerKw,
  powerAgeS: 0,
  reactivePowerKvar: null,
  voltagePu: null,
  socPct: null,
  readbackKw: null,
});

const imageOf = (...devices: readonly DeviceImage[]): Image => ({
  time: 0,
  stepS: 1,
  devices: new Map(devices.map((one) => [one.id, one])),
  elements: new Map(),
  ambientC: null,
});

const point = (over: Partial<PointSpec> = {}): PointSpec => ({
  id: 'cp-1',
  commanded: ['pv', 'battery'],
  read: [],
  meter: null,
  contract: { minKw: -100, maxKw: 80 },
  ...over,
});

test("other load at the customer's meter narrows what the plan allows and never widens it", () => {
  const plan = {
    connectionPoints: [
      {
        id: 'cp-1',
        devices: ['pv', 'battery'],
        envelope: [{ minKw: -90, maxKw: 60 }],
        meter: [{ minKw: -70, maxKw: 90 }],
      },
    ],
  };
  const devices = [device('pv', -50), device('battery', 10)];
  const left = (meter: DeviceImage | null, points = [point({ meter: 'meter' })]): Pair =>
    pair(plannedPoints(plan, 0, { points, image: imageOf(...devices, ...(meter === null ? [] : [meter])) })[0]!.range);
  assert.deepEqual(left(null), [-90, 60], 'not heard');
  assert.deepEqual(left(device('meter', -20, false)), [-90, 60], 'silent');
  assert.deepEqual(left(device('meter', -15)), [-90, 60], '25 kW of load: as forecast');
  assert.deepEqual(left(device('meter', 10)), [-90, 40], '50 kW of load: less to take');
  assert.deepEqual(left(device('meter', -35)), [-75, 60], '5 kW of load: less to feed in');
  assert.deepEqual(left(device('meter', 500)), [-90, -90], 'load beyond all that was foreseen');
  assert.deepEqual(left(device('meter', 10), []), [-90, 60], 'a connection point that is not known here');
  assert.deepEqual(plannedPoints({}, 0, { points: [], image: imageOf() }), [], 'a plan without connection points');
});

const spec = (id: string, rating: Pair, over: Partial<DeviceSpec> = {}): DeviceSpec => ({
  id,
  type: 'battery',
  feeder: null,
  authority: 'direct',
  lever: 'power',
  rating: range(rating),
  contract: { minKw: -100, maxKw: 80 },
  floorKw: 0,
  maxReactiveKvar: 0,
  apparentKva: null,
  battery: null,
  rampKwPerS: Infinity,
  safeKw: 0,
  safeVoltagePu: null,
  takesVoltageTarget: false,
  voltageBand: null,
  run: null,
  capacitorSteps: 0,
  safeStep: null,
  ...over,
});

test('a contract covers everything behind the meter', () => {
  const specs = [spec('pv', [-100, 0], { lever: 'export-limit' }), spec('battery', [-60, 60])];
  const shares = (at: PointSpec, wishes: Readonly<Record<string, number>>, ...devices: DeviceImage[]) =>
    sharesOf(at, { wishes, devices });
  const sharesOf = (
    at: PointSpec,
    {
      wishes,
      devices = [],
      tagged = [],
    }: { wishes: Readonly<Record<string, number>>; devices?: DeviceImage[]; tagged?: string[] },
  ) =>
    Object.fromEntries(
      [
        ...contractShares([at], specs, {
          image: imageOf(device('pv', -80), device('battery', 0), ...devices),
          uncommanded: new Set(tagged),
          wish: (id) => ({ kw: wishes[id] ?? null, free: false }),
        }),
      ].map(([id, share]) => [id, pair(share).map(Math.round)]),
    );
  assert.deepEqual(shares(point(), { pv: -80, battery: -20 }), { pv: [-80, 0], battery: [-20, 60] }, 'both at wish');
  assert.deepEqual(shares(point(), { pv: -100, battery: 0 }), { pv: [-100, 0], battery: [0, 60] });
  assert.deepEqual(
    shares(point({ read: ['heat-pump'] }), { pv: 0, battery: 60 }, device('heat-pump', 50)),
    { pv: [-73, 0], battery: [-27, 30] },
    'measured load takes its part of the import',
  );
  assert.deepEqual(
    shares(point({ meter: 'meter' }), { pv: -80, battery: 0 }, device('meter', 120)),
    { pv: [-85, 0], battery: [-15, 0] },
    'load beyond the contract leaves no import and forces no feed-in',
  );
  assert.deepEqual(shares(point({ contract: { minKw: -Infinity, maxKw: Infinity } }), {}), {}, 'no contract');
  assert.deepEqual(shares(point({ commanded: ['pv'] }), {}), {}, 'alone: its own contract suffices');
  assert.deepEqual(
    sharesOf(point(), { wishes: { pv: -80, battery: -20 }, tagged: ['battery'] }),
    { pv: [-40, 0], battery: [-60, 60] },
    'a tagged device keeps to no share: it may feed in all that it can',
  );
  const chargers = [1, 2].map((at) =>
    spec(`ev-${at}`, [0, 60], { type: 'ev-site', lever: 'import-limit', floorKw: at === 1 ? 30 : 0 }),
  );
  const [first] = [
    ...contractShares([point({ commanded: ['ev-1', 'ev-2'] })], chargers, {
      image: imageOf(device('ev-1', 2), device('ev-2', 50)),
      uncommanded: new Set(),
      wish: () => undefined,
    }).values(),
  ];
  assert.ok(first!.maxKw >= 30 - 1e-9, `a floor goes last: ${first!.maxKw} kW`);
});
