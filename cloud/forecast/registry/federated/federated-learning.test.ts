import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { encodeChunk } from '../../../../shared/codec/chunk.ts';
import type { LoadstoneEvent } from '../../../../shared/contracts/event.ts';
import type { TrainingReport, TrainingTask } from '../../../../shared/contracts/federated.ts';
import { encodeDelta, normOf } from '../../../../shared/federated/delta.ts';
import { localRound } from '../../../../shared/federated/local-round.ts';
import { freshNetwork, NETWORK_WEIGHTS } from '../../../../shared/federated/network.ts';
import type { LoadSeries } from '../../../../shared/forecast/series.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { checkExport } from '../../serve/model-trainer.ts';
import { inlineInference } from '../../../../shared/inference/inline-inference.ts';
import { SqliteModelRegistry } from '../sqlite-model-registry.ts';
import { Rollout } from '../rollout.ts';
import { FederatedLearning, type FederatedSettings } from './federated-learning.ts';

const T0 = Date.UTC(2021, 8, 25);
const STEP_MS = 900_000;
const DAYS = 44;
const NAMES = ['owd', 'whf', 'hal', 'lls'];
const settings: FederatedSettings = {
  enabled: true,
  rounds: 2,
  roundHours: 2,
  quorum: 0.6,
  epochs: 1,
  clip: 1,
  noiseMultiplier: 0,
};

/** A load whose days differ, so that the naive forecast can be improved upon. */
function loadOf(name: string): LoadSeries {
  const random = new SeededRandom(1, name);
  const level = 500 + 2000 * random.next();
  const values = new Float64Array(DAYS * 96);
  let drift = 0;
  for (let i = 0; i < values.length; i++) {
    drift = 0.98 * drift + 0.1 * level * (random.next() - 0.5);
    values[i] = level + 0.4 * level * Math.sin((i / 96) * 2 * Math.PI) + drift;
  }
  return { start: T0 - DAYS * 96 * STEP_MS, stepS: 900, values };
}

const loads = new Map(NAMES.map((name) => [`${name}-01`, loadOf(name)]));
/** Results of gateways, computed once per round, because several tests begin alike. */
const learnt = new Map<string, ReturnType<typeof localRound>>();
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The cloud's side on a registry, with gateways that answer as instructed. */
class World {
  readonly clock = new VirtualClock(T0);
  readonly registry = new SqliteModelRegistry(':memory:');
  readonly events: { readonly source: string; readonly event: LoadstoneEvent }[] = [];
  readonly tasks: { readonly gateway: string; readonly task: TrainingTask }[] = [];
  readonly updates = new Map<string, Uint8Array>();
  learning: FederatedLearning;
  readonly #rollout: Rollout;
  readonly #inference = inlineInference(this.clock.machine);

  constructor() {
    this.registry.open();
    this.#rollout = new Rollout({
      registry: this.registry,
      clock: this.clock,
      settings: { shadowHours: 24, canaryHours: 24, watchHours: 72, canaryShare: 0.2 },
      duel: () => undefined,
      apply: () => undefined,
      report: (event) => void this.events.push({ source: 'rollout', event }),
    });
    this.learning = this.#make();
    void this.learning.start();
  }

  #make(): FederatedLearning {
    return new FederatedLearning({
      settings,
      substations: NAMES.map((id) => ({
        id,
        gateway: `${id}-01`,
        limits: { importKw: 5000, exportKw: 5000, vMinPu: 0.9, vMaxPu: 1.1 },
      })),
      clock: this.clock,
      registry: this.registry,
      rollout: () => this.#rollout,
      check: ({ manifest, bytes }) => checkExport(manifest, bytes, this.#inference),
      sendTask: async (gateway, task) => void this.tasks.push({ gateway, task }),
      askChunk: async (gateway, sha256) => {
        const bytes = this.updates.get(sha256);
        if (bytes === undefined) return;
        this.clock.machine.after(1, () => this.learning.onChunk(gateway, encodeChunk({ sha256, index: 0, bytes })));
      },
      report: (source, event) => void this.events.push({ source, event }),
    });
  }

  async restart(): Promise<void> {
    await this.learning.stop();
    this.learning = this.#make();
    await this.learning.start();
  }

  /** Tasks sent since the last call. */
  asked(): World['tasks'] {
    return this.tasks.splice(0);
  }

  async weights(sha256: string): Promise<Float32Array> {
    const bytes = (await this.registry.bytes(sha256))!;
    return new Float32Array(bytes.slice().buffer);
  }

  /** An honest answer; `update` and `over` replace parts of it with lies. */
  async answer(
    { gateway, task }: World['tasks'][number],
    { update, over }: { update?: Uint8Array; over?: Partial<TrainingReport> } = {},
  ): Promise<TrainingReport> {
    const base = await this.weights(task.base.sha256);
    const round = { task, base, load: loads.get(gateway)!, zone: 'Europe/Amsterdam' };
    const { id: _own, ...same } = task;
    const key = JSON.stringify([gateway, same]);
    const learning = learnt.get(key) ?? localRound(round, new SeededRandom(1, gateway));
    learnt.set(key, learning);
    const result = unwrap(await learning);
    const bytes = update ?? result.update;
    if (bytes !== null) this.updates.set(hash(bytes), bytes);
    const report: TrainingReport = {
      version: 1,
      task: task.id,
      round: task.round,
      base: task.base.sha256,
      time: Math.round(this.clock.plant.now()),
      ...result,
      update: bytes === null ? null : { sha256: hash(bytes), bytes: bytes.length },
      days: [...result.days],
      ...over,
    };
    await this.learning.onReport(gateway, report);
    await this.clock.advance(100);
    return report;
  }

  codes(source: string): string[] {
    return this.events.filter((each) => each.source === source).map(({ event }) => event.code);
  }
}

test('rounds end in one candidate per gateway, across a restart, leaving out late or absent gateways', async () => {
  const world = new World();
  await world.learning.begin('a test');
  const first = world.asked();
  assert.equal(first.length, 4);
  const [one, two, three, none] = first as [(typeof first)[0], (typeof first)[0], (typeof first)[0], (typeof first)[0]];
  await world.answer(one);
  await world.answer(two);
  await world.restart();
  await world.clock.advance(100);
  const again = world.asked();
  assert.deepEqual(again.map(({ task }) => task.id).toSorted(), [three.task.id, none.task.id].toSorted());
  const refused = { version: 1, type: 'training', epoch: 1, sequence: 1, stage: 'rejected', time: T0 } as const;
  await world.learning.onStage(none.gateway, { ...refused, id: none.task.id, code: 'LS-FED-004', detail: 'off' });
  assert.equal(world.asked().length, 0, 'three are needed');
  await world.answer(three);
  const second = world.asked();
  assert.equal(second.length, 4);
  assert.equal(second[0]!.task.round, 2);
  const moved = (await world.weights(second[0]!.task.base.sha256)).map((weight, i) => weight - freshNetwork(1)[i]!);
  assert.ok(normOf(moved) > 0 && normOf(moved) <= 1.2 * settings.clip);
  for (const each of second.slice(0, 3)) await world.answer(each);
  assert.equal(world.asked().length, 0, 'the fourth may still come');
  await world.clock.advance(2 * 3_600_000 + 60_000);
  const last = world.asked();
  assert.equal(last.length, 4, 'the deadline has passed, three are a quorum');
  assert.equal(last[0]!.task.epochs, 0);
  // The clock of one of them is ten years ahead.
  const ahead = { over: { time: T0 + 3650 * 86_400_000 } };
  for (const each of last) await world.answer(each, each === last[0] ? ahead : {});
  const models = await world.registry.list();
  assert.equal(models.length, 4);
  for (const { manifest, state, evidence, role } of models) {
    assert.equal(role, 'gateway');
    assert.ok(manifest.expiresAt < T0 + 92 * 86_400_000, `it expires at ${manifest.expiresAt}`);
    assert.deepEqual(manifest.members, { federated: 1 });
    assert.ok(['active', 'held'].includes(state), state);
    assert.ok(evidence.days.length >= 20 && evidence.gate !== undefined);
  }
  assert.equal(new Set(models.map(({ manifest }) => manifest.sha256)).size, 1, 'one network for all');
  assert.ok(world.codes('cloud').includes('federated.published'));
  assert.equal(world.learning.campaign, undefined);
});

test('a dishonest update is rejected with its code, and the round continues with the others', async () => {
  const world = new World();
  const random = new SeededRandom(1);
  const liars: [string, (task: World['tasks'][number]) => Promise<unknown>][] = [
    ['LS-FED-001', (task) => world.answer(task, { update: new Uint8Array(100) })],
    [
      'LS-FED-003',
      (task) => world.answer(task, { update: encodeDelta(new Float32Array(NETWORK_WEIGHTS).fill(1), random) }),
    ],
    [
      'LS-FED-002',
      (task) => {
        const update = encodeDelta(new Float32Array(NETWORK_WEIGHTS).fill(0.01), random);
        new DataView(update.buffer).setFloat32(0, Number.NaN, true);
        return world.answer(task, { update });
      },
    ],
    ['LS-FED-006', (task) => world.answer(task, { over: { round: 7 } })],
    ['LS-FED-006', (task) => world.answer(task, { over: { task: 'some-other-task' } })],
    ['LS-FED-006', (task) => world.answer(task, { over: { base: '0'.repeat(64) } })],
  ];
  await world.learning.begin('a test');
  const asked = world.asked();
  const liar = asked[3]!;
  for (const [code, lie] of liars.slice(3)) {
    await lie(liar);
    assert.equal(world.codes(liar.gateway).at(-1), code);
  }
  const honest = await world.answer(asked[0]!);
  await world.learning.onReport(asked[0]!.gateway, honest);
  await world.learning.onReport(asked[0]!.gateway, {
    ...honest,
    update: { sha256: '1'.repeat(64), bytes: honest.update!.bytes },
  });
  assert.equal(world.codes(asked[0]!.gateway).at(-1), 'LS-FED-006', 'a second update for one task');
  await world.answer(asked[1]!);
  await world.answer(asked[2]!);
  await liars[0]![1](liar);
  assert.equal(world.codes(liar.gateway).at(-1), 'LS-FED-001');
  for (const [code, lie] of liars.slice(1, 3)) {
    const next = world.asked();
    assert.equal(next.length, 4, 'three honest ones are a quorum');
    if (next[0]!.task.epochs === 0) break;
    for (const each of next.slice(0, 3)) await world.answer(each);
    await lie(next[3]!);
    assert.equal(world.codes(liar.gateway).at(-1), code);
  }
});

test('without a quorum the network stays unchanged, with the reason', async () => {
  const world = new World();
  await world.learning.begin('a test');
  const asked = world.asked();
  await world.answer(asked[0]!);
  await world.answer(asked[1]!);
  await world.clock.advance(3 * 3_600_000);
  assert.equal(world.asked().length, 0);
  assert.ok(world.codes('cloud').includes('LS-FED-007'));
  assert.equal(world.learning.campaign, undefined);
  await world.learning.begin('again');
  assert.equal(world.asked()[0]!.task.base.sha256, asked[0]!.task.base.sha256);
});

test('a chunk whose hash does not match is ignored', async () => {
  const world = new World();
  await world.learning.begin('a test');
  const [one] = world.asked();
  const bytes = encodeDelta(new Float32Array(NETWORK_WEIGHTS).fill(0.001), new SeededRandom(1));
  const report = await world.answer(one!, { update: bytes, over: {} });
  assert.equal(world.learning.campaign?.parts[one!.gateway]?.held, true);
  const other = new World();
  await other.learning.begin('a test');
  const [asked] = other.asked();
  await other.learning.onReport(asked!.gateway, { ...report, task: asked!.task.id });
  const forged = bytes.slice();
  forged[20] = forged[20]! ^ 1;
  const { sha256 } = report.update!;
  await other.learning.onChunk(asked!.gateway, encodeChunk({ sha256, index: 0, bytes: forged }));
  assert.equal(other.learning.campaign?.parts[asked!.gateway]?.held, undefined);
  await other.learning.onChunk(asked!.gateway, encodeChunk({ sha256, index: 0, bytes }));
  assert.equal(other.learning.campaign?.parts[asked!.gateway]?.held, true);
});
