import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { LIFE_MS } from './bundle.ts';
import type { ModelState } from './lifecycle.ts';
import { SqliteModelRegistry } from './sqlite-model-registry.ts';
import { Rollout, type RolloutSettings } from './rollout.ts';
import { SecondPerson } from './second-person.ts';
import { daysOf, namedBundle } from './testing/bundle-fixture.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Time for a much better model to prove itself: a day of leads, seven of targets, and a little more. */
const DUEL_HOURS = 24 * 8 + 1;
const TILL_AGEING_MS = LIFE_MS - 14 * DAY_MS;
const settings: RolloutSettings = { shadowHours: 24, canaryHours: 24, watchHours: 72, canaryShare: 0.2 };
const folder = mkdtempSync(join(tmpdir(), 'loadstone-rollout-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

interface Place {
  answering: string | undefined;
  beside: string | undefined;
  since: number;
}

/** A region of places that run the models they are told to and measure the errors of `errorKw`. */
class Region {
  readonly clock = new VirtualClock(T0);
  readonly places = new Map<string, Place>();
  readonly events: LoadstoneEvent[] = [];
  readonly refusing = new Map<string, string>();
  /** Places whose measurements cannot be read. */
  readonly failing = new Set<string>();
  readonly asked: string[] = [];
  readonly #path = join(folder, `${files++}.sqlite`);
  /** Whether the cloud dies and restarts between any two steps. */
  readonly #dies: boolean;
  /** Machine time, if promotions take two persons. */
  readonly #twoPersons: (() => number) | undefined;
  errorKw: (id: string) => number = () => 10;
  tellsDays = true;
  registry!: SqliteModelRegistry;
  rollout!: Rollout;

  constructor({ dies = false, twoPersons }: { dies?: boolean; twoPersons?: () => number } = {}) {
    this.#dies = dies;
    this.#twoPersons = twoPersons;
    this.#open();
  }

  #open(): void {
    this.registry = new SqliteModelRegistry(this.#path);
    this.registry.open();
    this.rollout = new Rollout({
      registry: this.registry,
      clock: this.clock,
      settings,
      approve: this.#twoPersons && new SecondPerson(this.#twoPersons, this.registry),
      duel: (target) => {
        if (this.failing.has(target)) throw new Error(`no answer of ${target}`);
        const place = this.places.get(target);
        if (place?.answering === undefined) return undefined;
        const { answering, beside = null, since } = place;
        const n = beside === null ? 0 : Math.floor((this.clock.plant.now() - since) / 900_000);
        const besideKw = beside === null ? 0 : this.errorKw(beside);
        const refused = (beside !== null && this.refusing.get(beside)) || null;
        const answeringKw = this.errorKw(answering);
        const first = Math.ceil(since / DAY_MS) + 1;
        const days = Array.from(
          { length: Math.max(0, Math.floor(this.clock.plant.now() / DAY_MS) - first) },
          (_, i) => ({
            day: (first + i) * DAY_MS,
            n: 1536,
            answeringKw,
            besideKw,
            coverage: { n: 1536, inside: 1229, blocks: 4 },
          }),
        );
        const shown = beside === null ? [] : days.slice(-3);
        return {
          answering,
          beside,
          refused,
          n,
          answeringKw,
          besideKw,
          standardErrorKw: 0.5,
          ...(this.tellsDays && { days: shown }),
        };
      },
      apply: async (target) => {
        const desired = await this.rollout.desired(target, 'gateway');
        const [answering, beside] = [desired?.answering.manifest.id, desired?.beside?.manifest.id];
        const before = this.places.get(target);
        if (before?.answering === answering && before?.beside === beside) return;
        this.places.set(target, { answering, beside, since: this.clock.plant.now() });
      },
      report: (event) => void this.events.push(event),
      retrain: (target) => void this.asked.push(target),
    });
  }

  async submit(
    id: string,
    target: string,
    loss: number | ((day: number) => number),
    release = 'r1',
  ): Promise<ModelState> {
    const days = daysOf(T0, typeof loss === 'number' ? () => loss : loss);
    const bundle = namedBundle(id, { at: this.clock.plant.now(), target });
    const origin = { release, evidence: { days }, by: 'loadstone', reason: 'trained' };
    const outcome = await this.rollout.submit(bundle, origin);
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.fault.detail);
    return outcome.value.state;
  }

  async hours(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.clock.advance(HOUR_MS);
      if (this.#dies) {
        this.registry.close();
        this.#open();
        await this.rollout.start();
      }
      await this.rollout.step();
    }
  }

  async state(id: string): Promise<ModelState> {
    return (await this.registry.get(id))!.state;
  }

  async states(id: string): Promise<(string | null)[]> {
    return (await this.registry.transitions(id)).map(({ to }) => to);
  }
}

const SUBSTATIONS = ['owd', 'whf', 'abc', 'def', 'ghi'].map((id) => `substation:${id}`);

async function withIncumbents(options?: { dies: boolean }): Promise<Region> {
  const region = new Region(options);
  for (const target of SUBSTATIONS)
    assert.equal(await region.submit(`old-${target.slice(11)}`, target, 6, 'r0'), 'active');
  return region;
}

for (const dies of [false, true])
  test(`a better model reaches all places, a share of them first${dies ? ', with a restart at every step' : ''}`, async () => {
    const region = await withIncumbents({ dies });
    region.errorKw = (id) => (id.startsWith('new') ? 6 : 10);
    for (const target of SUBSTATIONS) assert.equal(await region.submit(`new-${target.slice(11)}`, target, 5), 'shadow');
    await region.hours(12);
    assert.ok(SUBSTATIONS.every((target) => region.places.get(target)!.answering!.startsWith('old')));
    assert.ok(SUBSTATIONS.every((target) => region.places.get(target)!.beside!.startsWith('new')));
    await region.hours(DUEL_HOURS - 12);
    const canaries = await region.registry.inStates('canary');
    assert.equal(canaries.length, 1);
    const { id, target } = canaries[0]!.manifest;
    assert.equal(region.places.get(target)!.answering, id);
    assert.match(region.places.get(target)!.beside!, /^old/);
    await region.hours(25);
    assert.deepEqual(
      (await region.registry.inStates('active')).map((entry) => entry.manifest.id.slice(0, 3)),
      Array.from({ length: 5 }, () => 'new'),
    );
    assert.deepEqual(await region.states(id), ['candidate', 'shadow', 'canary', 'active']);
    assert.deepEqual(await region.states('old-owd'), ['candidate', 'active', 'retired']);
    assert.ok(SUBSTATIONS.every((each) => region.places.get(each)!.answering!.startsWith('new')));
    // The predecessor runs beside it only while it is watched.
    assert.match(region.places.get(target)!.beside!, /^old/);
    await region.hours(75);
    assert.ok(SUBSTATIONS.every((each) => region.places.get(each)!.beside === undefined));
  });

test('the gate holds a model that is not better, and says by how much it is worse', async () => {
  const region = await withIncumbents();
  const loss = (day: number): number => (day % 2 === 0 ? 2 : 10.2);
  assert.equal(await region.submit('unsure', 'substation:owd', loss), 'held');
  assert.match((await region.registry.get('unsure'))!.reason, /1\.7 % worse than the incumbent \(95 %: -\d/);
  assert.equal(await region.submit('worse', 'substation:owd', 7), 'held');
  assert.match((await region.registry.get('worse'))!.reason, /16\.7 % worse than the incumbent/);
  assert.equal(await region.submit('first', 'substation:new', 11), 'held');
  assert.match((await region.registry.get('first'))!.reason, /10\.0 % worse than seasonalNaive/);
  assert.equal(region.places.get('substation:owd')!.answering, 'old-owd');
});

test('a model that is worse on live data is rejected in shadow and never becomes active', async () => {
  const region = await withIncumbents();
  region.errorKw = (id) => (id === 'new' ? 15 : 10);
  assert.equal(await region.submit('new', 'substation:owd', 5), 'shadow');
  await region.hours(DUEL_HOURS);
  assert.equal(await region.state('new'), 'rejected');
  assert.match(
    (await region.registry.get('new'))!.reason,
    /in shadow its loss is 15\.0 kW, the incumbent's 10\.0 kW .*worse on 7 days/,
  );
  assert.deepEqual(region.places.get('substation:owd')!.answering, 'old-owd');
  assert.equal(region.places.get('substation:owd')!.beside, undefined);
  const again = await region.rollout.request('new', 'active', { by: 'eve', reason: 'I want it' });
  assert.equal(again.ok ? '' : again.fault.code, 'LS-MODEL-003');
});

test('a model that cannot run at its place is rejected with the reason of the place', async () => {
  const region = await withIncumbents();
  region.refusing.set('new', 'LS-MODEL-001: parity vector 0 differs');
  await region.submit('new', 'substation:owd', 5);
  await region.hours(1);
  assert.equal(await region.state('new'), 'rejected');
  assert.match((await region.registry.get('new'))!.reason, /parity vector 0 differs/);
});

test('a canary that gets worse is rolled back within a day, and the rest of its release is held', async () => {
  const region = await withIncumbents();
  region.errorKw = (id) => (id.startsWith('new') ? 6 : 10);
  for (const target of SUBSTATIONS) await region.submit(`new-${target.slice(11)}`, target, 5);
  await region.hours(DUEL_HOURS);
  const canary = (await region.registry.inStates('canary'))[0]!;
  const others = SUBSTATIONS.filter((target) => target !== canary.manifest.target);
  region.errorKw = (id) => (id.startsWith('new') ? 13 : 10);
  await region.hours(6);
  assert.equal(await region.state(canary.manifest.id), 'rejected');
  assert.match(region.places.get(canary.manifest.target)!.answering!, /^old/);
  assert.ok(region.events.some(({ code, severity }) => code === 'model.rejected' && severity === 'medium'));
  region.errorKw = () => 10;
  await region.hours(1);
  assert.deepEqual(
    (await Promise.all(others.map((target) => region.state(`new-${target.slice(11)}`)))).filter(
      (state) => state === 'active',
    ),
    [],
  );
});

test('a failure at one place is reported and does not stop the rollout at others', async () => {
  const region = await withIncumbents();
  await region.submit('new-owd', 'substation:owd', 5);
  await region.submit('new-whf', 'substation:whf', 5);
  region.failing.add('substation:owd');
  region.refusing.set('new-whf', 'LS-MODEL-001: parity vector 0 differs');
  await region.submit('new-abc', 'substation:abc', 5);
  region.failing.add('substation:abc');
  await assert.rejects(region.rollout.step(), /no answer of substation:owd; no answer of substation:abc/);
  assert.deepEqual([await region.state('new-owd'), await region.state('new-whf')], ['shadow', 'rejected']);
});

test('a shadow started under a clock that was ahead is restarted at the present time', async () => {
  const region = await withIncumbents();
  region.clock.step(20 * DAY_MS);
  assert.equal(await region.submit('new', 'substation:owd', 5), 'shadow');
  region.clock.step(-20 * DAY_MS);
  await region.rollout.step();
  assert.equal((await region.registry.get('new'))!.since, region.clock.plant.now());
  assert.equal((await region.registry.get('old-owd'))!.since, T0);
});

test('an active model is rolled back while watched, and its predecessor becomes active again', async () => {
  const region = await withIncumbents();
  region.errorKw = (id) => (id === 'new' ? 6 : 10);
  await region.submit('new', 'substation:owd', 5);
  await region.hours(DUEL_HOURS + 25);
  assert.equal(await region.state('new'), 'active');
  region.errorKw = (id) => (id === 'new' ? 13 : 10);
  await region.hours(6);
  assert.deepEqual((await region.states('new')).slice(-2), ['active', 'rejected']);
  assert.equal(await region.state('old-owd'), 'active');
  assert.equal(region.places.get('substation:owd')!.answering, 'old-owd');
});

test('a person can hold, promote and roll back with a stored reason; a second person may be required', async () => {
  const region = await withIncumbents();
  await region.submit('new', 'substation:owd', 5);
  const by = { by: 'ada', reason: 'after the storm' };
  assert.ok((await region.rollout.request('new', 'held', by)).ok);
  assert.equal(region.places.get('substation:owd')!.beside, undefined);
  assert.ok((await region.rollout.request('new', 'active', by)).ok);
  assert.equal(region.places.get('substation:owd')!.answering, 'new');
  assert.equal(await region.state('old-owd'), 'retired');
  assert.ok((await region.rollout.request('new', 'held', by)).ok);
  assert.equal(region.places.get('substation:owd')!.answering, 'old-owd');
  assert.deepEqual((await region.registry.transitions('new')).at(-1), {
    model: 'new',
    from: 'active',
    to: 'held',
    at: T0,
    by: 'ada',
    reason: 'after the storm',
  });
  for (const [id, to] of [
    ['new', 'rejected'],
    ['new', 'held'],
    ['nobody', 'active'],
  ] as const)
    assert.ok(!(await region.rollout.request(id, to, by)).ok, `${id} ${to}`);
});

test('a gateway of an older version that reports no days gets a successor only when its model expires', async () => {
  const region = await withIncumbents();
  region.tellsDays = false;
  region.errorKw = (id) => (id === 'new' ? 6 : 10);
  await region.clock.advance(TILL_AGEING_MS - 30 * DAY_MS);
  await region.submit('new', 'substation:owd', 5);
  await region.hours(DUEL_HOURS);
  assert.equal(await region.state('new'), 'shadow');
  await region.clock.advance(22 * DAY_MS);
  await region.hours(1);
  assert.equal(await region.state('new'), 'canary', (await region.registry.get('new'))!.reason);
});

test('only the newest candidate waits while a shadow is young or leads; older ones are held', async () => {
  const region = await withIncumbents();
  region.errorKw = (id) => (id.startsWith('new') ? 6 : 10);
  await region.submit('new-1', 'substation:owd', 5);
  assert.equal(await region.submit('new-2', 'substation:owd', 5, 'r2'), 'candidate');
  assert.equal(await region.submit('new-3', 'substation:owd', 4, 'r3'), 'candidate');
  await region.hours(DUEL_HOURS);
  assert.deepEqual(await Promise.all(['new-1', 'new-2', 'new-3'].map((id) => region.state(id))), [
    'canary',
    'held',
    'candidate',
  ]);
  assert.match((await region.registry.get('new-2'))!.reason, /new-3 is newer/);
  await region.hours(25);
  assert.deepEqual([await region.state('new-1'), await region.state('new-3')], ['active', 'shadow']);
});

test('a shadow that is not better is retired after two weeks', async () => {
  const region = await withIncumbents();
  region.errorKw = () => 10;
  await region.submit('new-1', 'substation:owd', 5);
  await region.hours(15 * 24);
  assert.equal(await region.submit('new-2', 'substation:owd', 4, 'r3'), 'shadow');
  assert.equal(await region.state('new-1'), 'retired');
});

test('a challenger at a place that never reports is held', async () => {
  const region = await withIncumbents();
  await region.submit('new', 'substation:owd', 5);
  region.places.clear();
  await region.hours(24 * 14 + 1);
  assert.equal(await region.state('new'), 'held');
});

test('manual promotion takes two persons, both recorded; holding takes one', async () => {
  let now = 0;
  const region = new Region({ dies: true, twoPersons: () => now });
  await region.submit('first', 'substation:owd', 5);
  const ask = async (to: ModelState, by: string, reason = 'seen its errors') => {
    const outcome = await region.rollout.request('first', to, { by, reason });
    return outcome.ok ? outcome.value.state : outcome.fault.code;
  };
  assert.equal(await ask('held', 'anna'), 'held');
  assert.equal(await ask('active', 'anna'), 'LS-DESK-005');
  assert.equal((await region.registry.get('first'))!.state, 'held');
  assert.equal((await region.rollout.waiting('first'))!.by, 'anna');
  now += 60_000;
  assert.equal(await ask('active', 'bert', 'so have I'), 'active');
  const { by, reason } = (await region.registry.transitions('first')).at(-1)!;
  assert.deepEqual([by, reason], ['anna, bert', 'anna: seen its errors; bert: so have I']);
  assert.deepEqual(
    region.events.filter(({ code }) => code === 'model.asked').map(({ text }) => text),
    ['anna asks that model first for substation:owd becomes active: seen its errors. It waits for a second person.'],
  );
  assert.equal(await ask('held', 'bert'), 'held');
});

test('a model near expiry is replaced by a successor that is not worse; an expired one is removed', async () => {
  const region = await withIncumbents();
  assert.equal(await region.submit('alike', 'substation:owd', (day) => 6 + (1 - (day % 3)) * 0.1), 'held');
  await region.clock.advance(TILL_AGEING_MS + 0.5 * DAY_MS);
  await region.rollout.step();
  await region.rollout.step();
  const requests = region.events.filter(({ code }) => code === 'LS-MODEL-014');
  assert.equal(requests.length, SUBSTATIONS.length);
  assert.match(requests[0]!.text, /expires on 2021-12-25/);
  assert.deepEqual(region.asked.toSorted(), SUBSTATIONS.toSorted());
  assert.equal(await region.submit('heir', 'substation:owd', (day) => 6 + (1 - (day % 3)) * 0.1), 'shadow');
  assert.match((await region.registry.get('heir'))!.reason, /the incumbent expires soon/);
  assert.equal(await region.submit('worse', 'substation:whf', 7), 'held');
  // A model trained elsewhere may not follow for age, so it has to be better.
  const days = daysOf(T0, (day) => 6 + (1 - (day % 3)) * 0.1);
  const foreign = namedBundle('foreign', { at: region.clock.plant.now(), target: 'substation:abc' });
  const origin = { release: 'r1', evidence: { days, imported: true }, by: 'anna', reason: 'imported' };
  const refused = await region.rollout.submit(foreign, origin);
  assert.equal(refused.ok ? '' : refused.fault.code, 'LS-MODEL-010');
  await region.clock.advance(14 * DAY_MS);
  await region.rollout.step();
  assert.deepEqual(
    await Promise.all(SUBSTATIONS.map((target) => region.state(`old-${target.slice(11)}`))),
    SUBSTATIONS.map(() => 'retired'),
  );
  assert.match((await region.registry.get('old-whf'))!.reason, /LS-MODEL-011/);
  assert.ok(SUBSTATIONS.every((target) => region.places.get(target)?.answering === undefined));
});
