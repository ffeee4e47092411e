import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../config/load.ts';
import { initialState, type ControlState } from '../control/state.ts';
import { asConfigured, recentSignChanges } from './as-configured.ts';
import { siteOf } from './specs.ts';
import { settingsDocument } from './testing/documents.ts';
import { FakeUplink } from './testing/fake-uplink.ts';
import { makeRig, RIG_YAML, START, type Rig } from './testing/rig.ts';

const siteFrom = (yaml: string) => siteOf(parseConfig(yaml, 'gateway.yaml'));
const turned = (yaml: string, meter: string): string =>
  yaml.replace(
    `meter: { driver: mqtt, read: { activePowerKw: { topic: ${meter}`,
    `meter: { driver: mqtt, sign: generation-positive, read: { activePowerKw: { topic: ${meter}`,
  );

const found: ControlState = {
  ...asConfigured(initialState('automatic', START), siteFrom(RIG_YAML), START),
  meterCheck: {
    lastTime: START,
    lastMeter: 0,
    lastHeads: 0,
    samples: 100,
    xx: 1,
    xy: -1,
    yy: 1,
    quietS: 0,
    finding: 'reversed',
  },
  liars: { 'feeder-1': 'reversed' },
};

test('after a restart a meter with a corrected sign is not inverted; findings about other meters stay', () => {
  const of = (yaml: string) => {
    const { meterCheck, liars } = asConfigured(found, siteFrom(yaml), START);
    return [meterCheck?.finding, liars];
  };
  assert.deepEqual(of(RIG_YAML), ['reversed', { 'feeder-1': 'reversed' }]);
  assert.deepEqual(of(turned(RIG_YAML, 't/p')), [undefined, { 'feeder-1': 'reversed' }]);
  assert.deepEqual(of(turned(RIG_YAML, 'f/p')), ['reversed', {}]);
  assert.deepEqual(
    of(RIG_YAML.replace('activePowerKw: { topic: t/p }', 'activePowerKw: { topic: t/p, scale: -1 }'))[0],
    undefined,
  );
  const suspected = { ...found, meterCheck: { ...found.meterCheck!, suspects: ['feeder-1'] } };
  const check = asConfigured(suspected, siteFrom(turned(RIG_YAML, 'f/p')), START).meterCheck;
  assert.deepEqual([check?.suspects, check?.heads], [undefined, {}]);
  const { counts: _, ...earlier } = found;
  assert.equal(asConfigured(earlier, siteFrom(turned(RIG_YAML, 't/p')), START).meterCheck?.finding, 'reversed');
});

test('bounds of the guard on a removed device are dropped at the restart', () => {
  const bound = { min: null, max: -50, minBy: null, maxBy: 'transformer-power', missS: 0 };
  const held = { ...found, guard: { ...found.guard, bounds: { 'battery-1:p': bound, 'battery-9:p': bound } } };
  assert.deepEqual(Object.keys(asConfigured(held, siteFrom(RIG_YAML), START).guard.bounds), ['battery-1:p']);
});

test('a changed sign of meter or device clears the findings about it and keeps those about others', () => {
  const finding = (element: string, lever: string) => ({ element, lever, verdict: 'against' as const, leftS: 900 });
  const findings = [finding('feeder-1', 'battery-1:p'), finding('transformer', 'pv-1:p'), finding('transformer', '')];
  const check = { limit: 'x', side: 'max' as const, from: 1, ageS: 1, due: {}, next: {}, strikes: 1, against: true };
  const state = { ...found, guard: { ...found.guard, findings, checks: { transformer: check } } };
  const left = (yaml: string) => {
    const { guard, countsSince, unheardCounts } = asConfigured(state, siteFrom(yaml), START + 0.4);
    const names = guard.findings?.map(({ element, lever }) => `${element} ${lever}`.trim());
    return [names, guard.checks !== undefined, countsSince, unheardCounts];
  };
  assert.deepEqual(left(RIG_YAML), [
    ['feeder-1 battery-1:p', 'transformer pv-1:p', 'transformer'],
    true,
    undefined,
    undefined,
  ]);
  assert.deepEqual(left(turned(RIG_YAML, 't/p')), [
    ['feeder-1 battery-1:p'],
    false,
    { transformer: START },
    ['transformer'],
  ]);
  const battery = RIG_YAML.replace('topic: b/set, template', 'topic: b/set, scale: -1, template');
  assert.deepEqual(left(battery), [['transformer pv-1:p', 'transformer'], false, { 'battery-1': START }, undefined]);
});

test('a corrected meter ignores "reversed" of the cloud until the cloud has once omitted it', async () => {
  const first = await makeRig();
  await first.run(3);
  const say = (rig: Rig, meters: object | undefined, sequence: number) => {
    const body = meters === undefined ? {} : { meters: meters as Record<string, 'reversed' | 'dead'> };
    rig.uplink.down({ kind: 'document', document: settingsDocument(rig.clock.plant.now(), body, sequence) });
    return rig.run(2);
  };
  const finding = (rig: Rig) => rig.gateway.status().elements.map((each) => each.finding);
  await say(first, { 'feeder-1': 'reversed' }, 1);
  assert.deepEqual(finding(first), [undefined, 'reversed']);
  await first.gateway.stop();
  const uplink = new FakeUplink();
  const { json } = first.uplink.of('state').at(-1)!;
  uplink.restored = { stateJson: json, documents: [], model: null };
  const start = first.clock.plant.now() + 5000;
  const rig = await makeRig({ yaml: turned(RIG_YAML, 'f/p'), uplink, start });
  await rig.run(2);
  assert.deepEqual(finding(rig), [undefined, undefined]);
  assert.deepEqual(rig.uplink.of('health')[0]?.health.countsSince, { 'feeder-1': start });
  await say(rig, { 'feeder-1': 'reversed', transformer: 'dead' }, 2);
  assert.deepEqual(finding(rig), ['dead', undefined], 'the cloud does not know of the correction yet');
  await say(rig, {}, 3);
  await say(rig, { 'feeder-1': 'reversed' }, 4);
  assert.deepEqual(finding(rig), [undefined, 'reversed'], 'a later finding counts');
  await rig.gateway.stop();
});

test('a meter whose sign was changed wrongly is inverted by later findings of the cloud', async () => {
  const first = await makeRig();
  await first.run(3);
  await first.gateway.stop();
  const uplink = new FakeUplink();
  uplink.restored = { stateJson: first.uplink.of('state').at(-1)!.json, documents: [], model: null };
  const start = first.clock.plant.now() + 5000;
  const rig = await makeRig({ yaml: turned(RIG_YAML, 'f/p'), uplink, start });
  await rig.run(2);
  const say = async (issuedAt: number, sequence: number) => {
    const document = settingsDocument(issuedAt, { meters: { 'feeder-1': 'reversed' } }, sequence);
    rig.uplink.down({ kind: 'document', document });
    await rig.run(2);
    return rig.gateway.status().elements[1]?.finding;
  };
  assert.equal(await say(start - 1000, 1), undefined, 'found under the earlier sign');
  assert.equal(await say(rig.clock.plant.now(), 2), 'reversed');
  await rig.gateway.stop();
});

test('the date of a sign change is reported for 28 days, only for configured meters, never in the future', () => {
  const since = { transformer: START - 28 * 86_400_000, 'feeder-1': START + 9e9, 'feeder-9': START };
  const { countsSince, unheardCounts } = asConfigured(
    { ...found, countsSince: since, unheardCounts: ['feeder-9'] },
    siteFrom(RIG_YAML),
    START,
  );
  assert.deepEqual([countsSince, unheardCounts], [{ 'feeder-1': START }, undefined]);
});

test('a sign change without a valid clock is dated once the clock is set; other dates survive', () => {
  const before = { 'feeder-1': START - 1000, transformer: 5000 };
  const { countsSince } = recentSignChanges(before, 6000);
  assert.deepEqual(countsSince, before);
  assert.deepEqual(recentSignChanges(countsSince, START), { countsSince: { ...before, transformer: START } });
});
