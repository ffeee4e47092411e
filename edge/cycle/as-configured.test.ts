import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../config/load.ts';
import { initialState, type ControlState } from '../control/state.ts';
import { asConfigured, keptSince } from './as-configured.ts';
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

test('a meter whose sign was put right is not turned after the start; another keeps what was found of it', () => {
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
  const { counts: _, ...earlier } = found;
  assert.equal(asConfigured(earlier, siteFrom(turned(RIG_YAML, 't/p')), START).meterCheck?.finding, 'reversed');
});

test('what the guard held on a device that is gone holds nothing any more', () => {
  const bound = { min: null, max: -50, minBy: null, maxBy: 'transformer-power', missS: 0 };
  const held = { ...found, guard: { ...found.guard, bounds: { 'battery-1:p': bound, 'battery-9:p': bound } } };
  assert.deepEqual(Object.keys(asConfigured(held, siteFrom(RIG_YAML), START).guard.bounds), ['battery-1:p']);
});

test('what the guard found under another sign of meter or device ends with it, and what it found of others stays', () => {
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

test('the cloud turns a meter that was put right only after it has once not called it reversed', async () => {
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
  assert.deepEqual(finding(rig), ['dead', undefined], 'it has not heard of it yet');
  await say(rig, {}, 3);
  await say(rig, { 'feeder-1': 'reversed' }, 4);
  assert.deepEqual(finding(rig), [undefined, 'reversed'], 'a finding of after that counts');
  await rig.gateway.stop();
});

test('a sign set wrongly where the cloud had found nothing is turned by what it finds from then on', async () => {
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
  assert.equal(await say(start - 1000, 1), undefined, 'found under the sign of before');
  assert.equal(await say(rig.clock.plant.now(), 2), 'reversed');
  await rig.gateway.stop();
});

test('when a sign was set otherwise is told for 28 days, of what is configured, and never as a time to come', () => {
  const since = { transformer: START - 28 * 86_400_000, 'feeder-1': START + 9e9, 'feeder-9': START };
  const { countsSince, unheardCounts } = asConfigured(
    { ...found, countsSince: since, unheardCounts: ['feeder-9'] },
    siteFrom(RIG_YAML),
    START,
  );
  assert.deepEqual([countsSince, unheardCounts], [{ 'feeder-1': START }, undefined]);
});

test('a sign set otherwise while the clock was not set counts from when it is, and no date is lost to such a clock', () => {
  const before = { 'feeder-1': START - 1000, transformer: 5000 };
  const { countsSince } = keptSince(before, 6000);
  assert.deepEqual(countsSince, before);
  assert.deepEqual(keptSince(countsSince, START), { countsSince: { ...before, transformer: START } });
});
