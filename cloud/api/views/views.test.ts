import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayEstimate } from '../../../shared/sentences/estimate-forms.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { EstimatedValue, EstimateState, InputProvenance } from '../../estimate/state.ts';
import type { ShownHealth } from '../../playback/moment.ts';
import { smallForecast, smallRegion, START } from '../testing/api-fixture.ts';
import { controlOf } from './control-view.ts';
import { feederView } from './feeder-view.ts';
import { gatewayViews } from './gateway-view.ts';
import { regionView } from './region-view.ts';
import type { ViewSources } from './sources.ts';

/** A substation whose feeder does not have the number of its head's meter. */
function oddlyNamed(): Region['substations'][number] {
  const text = JSON.stringify(smallRegion().substations[0]).replaceAll('"owd-1"', '"owd-north-2"');
  const substation = JSON.parse(text) as Region['substations'][number];
  const meter = { kind: 'feeder-head', element: 'owd-1-l1', errorPct: 0.25, intervalS: 1 } as const;
  return { ...substation, meters: [{ ...meter, device: 'feeder-1', feeder: 'owd-north-2' }] };
}

const value = (number: number, origin: EstimatedValue['origin'] = 'estimated'): EstimatedValue => ({
  value: number,
  error: 3,
  origin,
});

const state = (substation: string, power: EstimatedValue): EstimateState => ({
  substation,
  time: START,
  topologyVersion: 0,
  converged: true,
  transformer: { activePowerKw: power, reactivePowerKvar: value(0), loadingPct: 12, tapPosition: value(1, 'measured') },
  busbarRestKw: value(0),
  buses: [
    { id: `${substation}-bb`, voltagePu: value(1.01, 'measured'), angleDeg: 0, loadKw: 0, loadKvar: 0 },
    { id: `${substation}-1-b2`, voltagePu: value(0.97), angleDeg: 0, loadKw: 10, loadKvar: 1 },
  ],
  branches: [
    { id: `${substation}-1-l1`, closed: true, activePowerKw: value(10), reactivePowerKvar: value(1), loadingPct: 0.3 },
  ],
  findings: [],
  provenance: [],
});

function sources(states: Record<string, EstimateState>): ViewSources {
  return {
    region: smallRegion(),
    plantNow: () => START + 60_000,
    clock: () => ({ speed: 60, speedReached: 58, simulated: true }),
    live: () => undefined,
    estimate: (id) => states[id],
    findings: () => [],
    link: () => ({ state: 'up', since: START, lastFrame: START }),
    health: () => undefined,
    forecast: (target) => (target === 'substation:owd' ? smallForecast() : undefined),
    plan: () => undefined,
    overrides: () => [],
    activeAlarms: () => 2,
    ledger: () => ({ storedFrames: 1, missingFrames: 0, refusedFrames: 0 }),
  };
}

test('a region with an unknown part is unknown, never a partial sum', () => {
  const one = regionView(sources({ owd: state('owd', value(500, 'measured')) }));
  assert.equal(one.activePowerKw.value, null);
  const both = regionView(
    sources({ owd: state('owd', value(500, 'measured')), whf: state('whf', value(-200, 'substituted')) }),
  );
  assert.deepEqual(both.activePowerKw, {
    value: 300,
    quality: 'uncertain',
    origin: 'estimated',
    time: START,
    error: 4.24264,
    intervalS: 60,
  });
});

test('a feeder explains its estimate in words: what is measured and what is substituted', () => {
  const region = smallRegion();
  const owd = region.substations.find(({ id }) => id === 'owd')!;
  const battery = {
    type: 'battery',
    bus: 'owd-1-b2',
    name: 'Battery',
    dischargeKw: 10,
    chargeKw: 10,
    connectionPoint: 'cp',
    authority: 'direct',
  } as const;
  const substation = {
    ...owd,
    meters: [
      { device: 'feeder-1', kind: 'feeder-head', element: 'owd-1-l1', feeder: 'owd-1', errorPct: 0.25, intervalS: 1 },
    ] satisfies typeof owd.meters,
    devices: ['battery-1', 'battery-2', 'battery-3'].map((id) => ({ ...battery, id, feeder: 'owd-1' })),
  };
  const note = (element: string, source: InputProvenance['source'], text: string): InputProvenance => ({
    element,
    source,
    text,
    ageS: 3,
    quality: 'good',
  });
  const said = (...provenance: InputProvenance[]): string | undefined =>
    feederView(substation, 'owd-1', sources({ owd: { ...state('owd', value(500)), provenance } }))?.estimateFrom;
  assert.equal(said(), 'the model alone');
  const how = sayEstimate('measured');
  const input = { ...note('transformer', 'meter', how.text), ...how };
  const view = feederView(substation, 'owd-1', sources({ owd: { ...state('owd', value(500)), provenance: [input] } }))!;
  assert.equal(view.estimateFrom, 'transformer (measured)');
  assert.deepEqual(view.sentences, [
    { code: 'estimate.measured', text: 'measured' },
    { code: 'estimate.from', text: 'transformer (measured)', parameters: { names: 'transformer', how: 'measured' } },
  ]);
  assert.equal(
    said(note('transformer', 'meter', 'measured'), note('feeder-1', 'meter', 'measured')),
    'transformer and feeder head (measured)',
  );
  const terminal = 'measured at its terminal';
  const stale = 'last value, its error grows with its age';
  assert.equal(
    said(
      note('transformer', 'reversed-meter', 'meter counts with the wrong sign: its value is turned'),
      note('feeder-1', 'meter', 'measured'),
      note('feeder-2', 'meter', 'measured'),
      note('battery-1', 'device', terminal),
      note('battery-2', 'device', terminal),
      note('battery-3', 'last-value', stale),
      note('battery-9', 'device', terminal),
    ),
    'transformer (meter counts with the wrong sign: its value is turned); feeder head and 2 devices (measured); ' +
      'battery-3 (last value, its error grows with its age)',
  );
});

test('a substation shows its extremes, its forecast peak and the origin of each value', () => {
  const [owd, whf] = regionView(sources({ owd: state('owd', value(500, 'measured')) })).substations;
  assert.equal(owd?.voltageMinPu.value, 0.97);
  assert.equal(owd?.voltageMinPu.origin, 'estimated');
  assert.equal(owd?.voltageMaxPu.origin, 'measured');
  assert.deepEqual(owd?.forecastPeak, { kw: 1070, at: START + 7 * 900_000 });
  assert.equal(whf?.activePowerKw.value, null);
  assert.equal(whf?.planStatus, 'none');
  assert.equal(owd?.nextMeters, undefined);
  const nextMeters = [{ bus: 'owd-1-b2', errorPu: 0.00123456789, reductionPct: 34.5678912 }];
  const [placed] = regionView(sources({ owd: { ...state('owd', value(500)), nextMeters } })).substations;
  assert.deepEqual(placed?.nextMeters, [{ bus: 'owd-1-b2', errorPu: 0.00123457, reductionPct: 34.5679 }]);
});

test('the head of a feeder is identified by its meter, not by the name of the feeder', () => {
  const region = { ...smallRegion(), substations: [oddlyNamed()] };
  const provenance: InputProvenance[] = [
    { element: 'feeder-1', source: 'meter', text: 'measured', ageS: 3, quality: 'good' },
  ];
  const now = { ...sources({ owd: { ...state('owd', value(500)), provenance } }), region };
  assert.deepEqual(regionView(now).substations[0]!.headSeries, ['owd-01/feeder-1/activePowerKw']);
  const view = feederView(region.substations[0]!, 'owd-north-2', now)!;
  assert.equal(view.head.series, 'owd-01/feeder-1/activePowerKw');
  assert.equal(view.estimateFrom, 'feeder head (measured)');
});

test('raised limits are shown for their feeder or the whole substation, until they expire', () => {
  const report: ShownHealth = {
    mode: 'automatic',
    stopped: false,
    guard: { active: false, reliefKw: 0, element: null, since: null },
    emergency: [
      { element: 'transformer', expiresAt: START + 120_000 },
      { element: 'feeder-1', expiresAt: START + 90_000 },
      { element: 'feeder-2', expiresAt: START + 60_000 },
    ],
    devices: [],
  };
  const now = { ...sources({}), health: () => ({ report }) };
  assert.deepEqual(
    controlOf(oddlyNamed(), now).map(({ kind, feeder, until }) => [kind, feeder, until]),
    [
      ['emergency', null, START + 120_000],
      ['emergency', 'owd-north-2', START + 90_000],
    ],
  );
});

test('the one-line diagram shows the feeder with its busbar, and is empty before the first estimate', () => {
  const region = smallRegion();
  const view = feederView(region.substations[0]!, 'owd-1', sources({ owd: state('owd', value(500)) }));
  assert.deepEqual(
    view?.buses.map(({ id }) => id),
    ['owd-bb', 'owd-1-b2'],
  );
  assert.equal(view?.head.activePowerKw.value, 10);
  assert.equal(feederView(region.substations[1]!, 'whf-1', sources({})), undefined);
});

test('freshness is plant time since the last frame', () => {
  assert.equal(gatewayViews(sources({}))[0]?.freshnessMs, 60_000);
});
