import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { readConfig } from '../../shared/config/read-config.ts';
import { gatewayConfig } from '../../simulators/region/gateway-config.ts';
import { buildSubstation, regionLimits, timezone } from '../../simulators/region/region.ts';
import { regionFaults } from './check.ts';
import { composeRegion } from './compose.ts';
import { draftPlan } from './draft.ts';
import { failsafeOf, gatewayFile } from './gateway-file.ts';
import { named, RegionPlan, type NamedPlan } from './plan.ts';

const owd = buildSubstation('owd');
const gateway = gatewayFile(
  stringify(gatewayConfig('owd', { uplinkUrl: 'mqtt://127.0.0.1:1', localListen: '127.0.0.1:0', journalPath: 'j' })),
  'owd-01.yaml',
);
/** Like a file from elsewhere: no feeders, and the substation's transformer is not the first. */
const network: RegionSubstation['network'] = {
  ...owd.network,
  id: 'from-elsewhere',
  feeders: [],
  buses: [...owd.network.buses.map(({ id, nominalKv }) => ({ id, nominalKv })), { id: 'lv', nominalKv: 0.4 }],
  lines: owd.network.lines.map(({ feeder: _without, ...line }) => line),
  transformers: [
    {
      id: 'mv-lv',
      from: 'owd-1-b2',
      to: 'lv',
      ratedKva: 400,
      ratedFromKv: 12.66,
      ratedToKv: 0.4,
      rOhm: 0.004,
      xOhm: 0.016,
    },
    ...owd.network.transformers,
  ],
  generators: [{ id: 'sgen-1', bus: owd.devices.find(({ id }) => id === 'pv-1')!.bus, activePowerKw: -300 }],
};

const plan: NamedPlan = {
  id: 'north',
  name: 'Region North',
  timezone,
  limits: regionLimits,
  profile: 'dso',
  substations: [
    {
      id: 'owd',
      name: owd.name,
      network: 'owd.json',
      gateway: 'owd-01.yaml',
      transformer: 'owd-t1',
      feeders: owd.network.feeders.map(({ headBranch }, at) => ({ guarded: `feeder-${at + 1}`, headBranch })),
      devices: Object.fromEntries([
        ...owd.devices.map(({ id, bus, bandPu, dropPu, stepKvar }) => [id, { bus, bandPu, dropPu, stepKvar }]),
        ...owd.meters.filter(({ kind }) => kind === 'station').map(({ device, element }) => [device, { bus: element }]),
      ]) as NamedPlan['substations'][number]['devices'],
    },
  ],
};

const compose = (changes: Partial<NamedPlan['substations'][number]> = {}): ReturnType<typeof composeRegion> =>
  composeRegion({ ...plan, substations: [{ ...plan.substations[0]!, ...changes }] }, [{ network, gateway }]);

test('network, gateway file and plan build the model of the region', () => {
  const { region, notes } = compose();
  const [made] = region.substations;
  assert.deepEqual(regionFaults(region), []);
  assert.deepEqual(made!.limits, owd.limits);
  assert.deepEqual(made!.failsafe, failsafeOf(gateway));
  assert.deepEqual(made!.heads, owd.heads);
  const feeders = ({ network: { feeders } }: RegionSubstation): unknown =>
    feeders.map(({ id, headBranch, headBus }) => ({ id, headBranch, headBus }));
  assert.deepEqual(feeders(made!), feeders(owd));
  const stated = ({
    type,
    bus,
    feeder,
    authority,
    chargeKw,
    socMinPct,
    activePowerKw,
    safeDefaultKw,
  }: (typeof owd.devices)[number]): unknown => [
    type,
    bus,
    feeder,
    authority,
    chargeKw,
    socMinPct,
    activePowerKw,
    type === 'battery' ? 0 : safeDefaultKw,
  ];
  assert.deepEqual(made!.devices.map(stated), owd.devices.map(stated));
  const placed = ({ network: { buses, lines } }: RegionSubstation): unknown =>
    [...buses, ...lines]
      .filter(({ id }) => id !== 'lv')
      .map((each) => [each.id, each.feeder, 'vMinPu' in each && each.vMinPu]);
  assert.deepEqual(placed(made!), placed(owd));
  const measured = ({ meters }: RegionSubstation): unknown =>
    meters.map(({ device, kind, element, feeder }) => [device, kind, element, feeder]);
  assert.deepEqual(measured(made!), measured(owd));
  assert.equal(made!.network.transformers[0]!.id, 'owd-t1');
  assert.deepEqual(made!.network.generators, []);
  assert.match(notes.join(), /generator sgen-1 of the network is replaced by the device at bus owd-1-b18/);
});

test('the rule of curtailment and the dates of connection reach the model', () => {
  const devices = { ...plan.substations[0]!.devices };
  for (const { id, type } of owd.devices)
    if (type === 'pv-inverter') devices[id] = { ...devices[id], connectedOn: '2019-04-01' };
  const parts = [{ network, gateway }];
  const { region } = composeRegion(
    { ...plan, curtailment: 'last-in-first-out', substations: [{ ...plan.substations[0]!, devices }] },
    parts,
  );
  assert.deepEqual(regionFaults(region), []);
  assert.equal(region.curtailment, 'last-in-first-out');
  const undated = composeRegion({ ...plan, curtailment: 'last-in-first-out' }, parts);
  assert.match(regionFaults(undated.region).join(), /device pv-1: connectedOn is missing/);
});

test('a missing latitude is noted for a substation with PV plants', () => {
  const { latitude: _, ...placeless } = gateway.gateway;
  const { notes } = composeRegion(plan, [{ network, gateway: { ...gateway, gateway: placeless } }]);
  assert.match(
    notes.join(),
    /owd: the gateway's file has no gateway.latitude, so plans assume 0 degrees for the sun; add it/,
  );
  assert.doesNotMatch(compose().notes.join(), /degrees/);
});

test('unknown names are listed together with the nearest matches', () => {
  const { 'ev-1': _left, ...rest } = plan.substations[0]!.devices;
  const without = { ...rest, 'pv-1': { bus: 'owd-1-b81' }, 'battery-9': { bus: 'owd-bb' } };
  const feeders = [{ guarded: 'feeder-1', headBranch: 'owd-1-l' }];
  assert.throws(
    () => compose({ devices: without, feeders }),
    /headBranch: there is no "owd-1-l" .*did you mean.*\n.*devices\.pv-1\.bus: there is no "owd-1-b81".*\n.*devices: there is no "battery-9".*did you mean "battery-\d"\?\n.*devices\.ev-1\.bus: the plan does not name its bus/,
  );
  const open = owd.network.lines.find(({ closed }) => closed === false)!.id;
  const tie = [...plan.substations[0]!.feeders, { guarded: 'feeder-9', headBranch: open }];
  assert.throws(() => compose({ feeders: tie }), /is open or without a source/);
  assert.throws(() => compose({ id: 'wls' }), /the gateway's file belongs to substation owd/);
});

test('a draft lists everything a plan needs, and is a valid plan once filled in', () => {
  const text = draftPlan({ network: owd.network, networkPath: 'owd.json', gateway, gatewayPath: 'owd-01.yaml' });
  const filled = text.replace('importKw:', 'importKw: 34000').replace('exportKw:', 'exportKw: 40000');
  const read = named(readConfig(RegionPlan, { file: 'north.yaml', text: filled }));
  assert.deepEqual(
    read.substations[0]!.feeders.map(({ headBranch }) => headBranch),
    owd.network.feeders.map(({ headBranch }) => headBranch),
  );
  assert.deepEqual(
    Object.keys(read.substations[0]!.devices),
    gateway.devices.map(({ id }) => id),
  );
});

test('an invalid model is refused with the place of the error', () => {
  const { region } = compose();
  const [made] = region.substations;
  const faults = (changes: Partial<RegionSubstation>, ...more: RegionSubstation[]): string =>
    regionFaults({ ...region, substations: [{ ...made!, ...changes }, ...more] }).join('\n');
  const cases: [string, RegExp][] = [
    [
      faults({}, made!),
      /substations: owd is listed twice\ngateways: owd-01 is listed twice\nfeeders: owd-1 is listed twice/,
    ],
    [
      faults({ devices: [{ ...made!.devices[0]!, bus: 'b0', feeder: 'f0' }] }),
      /device pv-1: there is no bus b0\n.*no feeder f0/,
    ],
    [faults({ meters: [{ ...made!.meters[0]!, element: 'x' }] }), /meter transformer: there is no branch x/],
    [faults({ heads: [{ feeder: 'x', importKw: 1, exportKw: 1 }] }), /heads: there is no feeder x/],
    [faults({ heads: [{ feeder: 'owd', importKw: 1, exportKw: 1 }] }), /heads: owd is the substation, not a feeder/],
    [faults({ limits: { ...made!.limits, vMinPu: 1.2 } }), /vMinPu 1\.2 must be below vMaxPu/],
    [
      faults({ network: { ...made!.network, lines: made!.network.lines.map((line) => ({ ...line, closed: false })) } }),
      /device pv-1: bus owd-1-b18 has no supply/,
    ],
    [faults({ network: { ...made!.network, sources: [] } }), /network: /],
    [
      faults({
        network: { ...made!.network, loads: made!.network.loads.map((one) => ({ ...one, activePowerKw: 1e6 })) },
      }),
      /does not converge; are their units kW/,
    ],
  ];
  for (const [message, expected] of cases) assert.match(message, expected);
});
