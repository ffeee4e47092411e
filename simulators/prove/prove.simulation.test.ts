import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { drawCourse, type Course } from './course.ts';
import { memoTraining } from './memo-training.ts';
import { JUDGED, readProtocol, type ArmId, type Protocol } from './protocol.ts';
import { reportPage } from './report-page.ts';
import { runArm, type ArmRun } from './run-arm.ts';
import { figuresOf, summarise } from './summary.ts';
import { courseWorld, type CourseWorld } from './world.ts';

// The smoke tier: real runs of a few minutes under every arm. Its plans need not look further ahead than half an hour.
const { protocol: whole } = readProtocol();
const protocol: Protocol = { ...whole, settings: { ...whole.settings, planSteps: [[6, 300]] } };
const { hours, trains, scenarios, arms } = protocol.tiers.smoke;
const name = scenarios[0]!;
let course: Course;
let world: CourseWorld;
const runs = new Map<ArmId, ArmRun>();

const run = (arm: ArmId, by: Protocol = protocol, of: CourseWorld = world): Promise<ArmRun> =>
  runArm({ protocol: by, course, arm, world: of, training: memoTraining() });

before(async () => {
  course = drawCourse(protocol, { seed: 1, name, scenario: protocol.scenarios[name]!, hours });
  world = await courseWorld(protocol, course, trains);
  for (const arm of arms) runs.set(arm, await run(arm));
});

test('static shares add up to the shared limit of all sites', () => {
  const shares = [...world.shares.values()];
  for (const key of ['importKw', 'exportKw'] as const) {
    const whole = shares.reduce((sum, share) => sum + share[key], 0);
    assert.ok(Math.abs(whole - course.shared[key]) < 1e-6, `${key}: ${whole} of ${course.shared[key]}`);
  }
});

test('every figure of every arm is a number, and all arms have the same steps', () => {
  for (const [figure, of] of figuresOf(protocol))
    for (const [arm, { outcome }] of runs) assert.ok(Number.isFinite(of(outcome)), `${figure} of ${arm}`);
  const minutes = [...runs.values()].map((each) => Object.values(each.minutes).map((list) => list.length));
  for (const each of minutes) assert.deepEqual(each, [Math.floor(hours * 60), Math.floor(hours * 60)]);
});

test('arms differ only by their switches: E with those of F matches F to the last digit', async () => {
  const same = await run('E', { ...protocol, arms: { ...protocol.arms, E: protocol.arms.F } });
  const { outcome, minutes, bytes } = runs.get('F')!;
  assert.deepEqual({ outcome: same.outcome, minutes: same.minutes, bytes: same.bytes }, { outcome, minutes, bytes });
});

test('droop works the same with all messages to devices lost, and relieves a head more than no control', async () => {
  const { outcome } = await run('B');
  const access = { ...protocol.plant.access, lossShare: 1 };
  const deaf = { ...protocol, plant: { ...protocol.plant, access } };
  assert.deepEqual((await run('B', deaf)).outcome, outcome);
  const { headOverKwh } = (await run('A', deaf)).outcome;
  assert.ok(outcome.headOverKwh < headOverKwh, `${outcome.headOverKwh} of ${headOverKwh} kWh`);
});

test('quarter-hour shares add up to the limit, and C2 equals C with a constant file', async () => {
  for (let quarter = 0; quarter < 96; quarter++) {
    const shares = [...world.sharesAt(course.startMs + 900_000 * quarter).values()];
    const whole = shares.reduce((sum, { importKw }) => sum + importKw, 0);
    assert.ok(Math.abs(whole - course.shared.importKw) < 1e-6, `${whole} kW`);
  }
  const { outcome, minutes } = await run('C2', protocol, { ...world, sharesAt: () => world.shares });
  assert.deepEqual({ outcome, minutes }, { outcome: runs.get('C')!.outcome, minutes: runs.get('C')!.minutes });
});

test('without a guard only the next plan responds to a spike, directly at the devices', async () => {
  const { outcome } = await run('D');
  assert.ok(outcome.headOverKwh > runs.get('A')!.outcome.headOverKwh, `${outcome.headOverKwh} kWh`);
  assert.ok(outcome.batteryKwh > 0);
});

test('perfect foresight costs no more than practice', () => {
  const [practice, foresight] = (['A', 'H'] as const).map((arm) => runs.get(arm)!.outcome.costEur[JUDGED]!);
  assert.ok(foresight! < practice!, `${foresight} of ${practice} EUR`);
});

test('quantities that no controller has touched yet are equal in every arm', () => {
  const first = [...runs.values()].map((each) => Object.values(each.minutes).map((list) => list[0]!.lowestPu));
  for (const each of first)
    for (const [at, pu] of each.entries()) assert.ok(Math.abs(pu - first[0]![at]!) < 0.02, `${pu} at site ${at}`);
});

test('the report begins with where the hybrid lost, and loads nothing from the network', () => {
  const list = [...runs.values()];
  const summary = summarise(list, protocol, 'a test');
  const page = reportPage(list, summary, {
    tier: 'smoke',
    whyNot: 'a test',
    protocolSha256: '',
    codeSha256: '',
    replay: '',
    missing: [],
    primary: protocol.outcomes.primary,
    lostLoad: protocol.prices.lostLoad,
    courses: [course],
  });
  assert.ok(page.indexOf('Where the hybrid lost') < page.indexOf('Primary outcomes'));
  assert.doesNotMatch(page, /https?:|src=|@import|url\(/);
  assert.deepEqual(Object.keys(summary.regret!.arms), ['C', 'E', 'F']);
  assert.match(page, /Regret by arm[\s\S]*<svg/);
  for (const { by } of summary.lost) assert.ok(by > 0);
});
