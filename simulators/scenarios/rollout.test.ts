import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WEIGHT_GROUPS } from '../../cloud/forecast/train/ensemble.ts';
import { forecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { predictRidge, trainRidge } from '../../cloud/forecast/train/ridge-member.ts';
import { bundleOf, type ModelBundle } from '../../cloud/forecast/registry/bundle.ts';
import { ensembleGraph } from '../../cloud/forecast/registry/ensemble-graph.ts';
import { SqliteModelRegistry } from '../../cloud/forecast/registry/sqlite-model-registry.ts';
import { rolloutWiring } from '../../cloud/forecast/serve/rollout-wiring.ts';
import { Rollout } from '../../cloud/forecast/registry/rollout.ts';
import { daysOf } from '../../cloud/forecast/registry/testing/bundle-fixture.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { LocalForecaster } from '../../edge/forecast/local-forecaster.ts';
import { history, loadAt, T0 } from '../../edge/forecast/testing/noisy-load.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES } from '../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { GATEWAY_RECIPE } from '../../cloud/forecast/train/recipe.ts';

const ZONE = 'Europe/Amsterdam';
const SITES = ['owd', 'whf', 'hfdp'];
const schema = { steps: 96, stepS: 900, weather: false };
const input = { load: history(56), schema, zone: ZONE, levels: GATEWAY_QUANTILES };
const trained = await forecastTasks.trainForecast({ ...input, recipe: { ...GATEWAY_RECIPE, members: ['ridge'] } });
const ridge = trainRidge(input);
const layout = new FeatureSource(schema, input.load, new LocalCalendar(ZONE));

/** A sound model of a site with `biasKw` added to every forecast. */
function bundleFor(site: string, biasKw: number, createdAt: number): ModelBundle {
  const biased = {
    ...ridge,
    groups: ridge.groups.map((group) => ({
      ...group,
      point: { ...group.point, intercept: group.point.intercept + biasKw },
    })),
  };
  const weights = Array.from({ length: WEIGHT_GROUPS }, () => [1]);
  const onnx = ensembleGraph({ ridge: biased, layout, pooled: [], weights });
  const output = [...predictRidge(biased, Float32Array.from(trained.parity.input))];
  const whole = { ...trained, onnx, parity: { ...trained.parity, output } };
  return bundleOf(whole, { target: `substation:${site}`, substation: site, role: 'gateway', createdAt });
}

/** Each looks better than the previous one until live data arrive. */
const RELEASES = ['old', 'new1', 'new2', 'new3'] as const;

const folder = mkdtempSync(join(tmpdir(), 'loadstone-models-'));
after(() => rmSync(folder, { recursive: true }));

/** Three gateways' forecasters with real ONNX sessions, and the cloud's rollout on a file, on one virtual clock. */
class World {
  readonly clock = new VirtualClock(T0);
  readonly events: LoadstoneEvent[] = [];
  readonly forecasters = new Map<string, LocalForecaster>();
  registry!: SqliteModelRegistry;
  rollout!: Rollout;
  /** Alters model bytes in transit. */
  onTheWay: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

  constructor() {
    this.startCloud();
    for (const site of SITES) this.startGateway(site, history(9));
  }

  startCloud(): void {
    this.registry = new SqliteModelRegistry(join(folder, 'models.sqlite'));
    this.registry.open();
    const wiring = rolloutWiring({
      settings: { shadowHours: 6, canaryHours: 6, watchHours: 24, canaryShare: 0.3 },
      now: () => 0,
      promotions: this.registry,
      takesTemperature: () => false,
      gatewayOf: (site) => site ?? 'cloud',
      health: (site) => ({ model: this.forecasters.get(site)?.state() }) as HealthReport,
      desired: (target) => this.rollout.desired(target, 'gateway'),
      sendModels: (site) => this.hand(site),
      report: (_source, event) => void this.events.push(event),
      changed: () => undefined,
    });
    this.rollout = new Rollout({
      ...wiring,
      registry: this.registry,
      clock: this.clock,
      duel: (target) => wiring.gatewayDuel(target),
      apply: (target) => wiring.applyAtGateway(target),
    });
  }

  startGateway(site: string, known: LoadSeries): void {
    const forecaster = new LocalForecaster({
      clock: this.clock,
      inference: inlineInference(this.clock.machine),
      load: uncontrolledLoad(['transformer'], []),
      zone: ZONE,
      onEvent: (event) => void this.events.push(event),
    });
    forecaster.seed(known);
    this.forecasters.set(site, forecaster);
  }

  /** Delivers what the signed document names and its fetched bytes to a gateway. */
  async hand(site: string): Promise<void> {
    const desired = await this.rollout.desired(`substation:${site}`, 'gateway');
    const forecaster = this.forecasters.get(site)!;
    if (desired === undefined) return;
    const bytes = async (sha256: string): Promise<Uint8Array> =>
      this.onTheWay(Uint8Array.from((await this.registry.bytes(sha256))!));
    const { answering, beside } = desired;
    if (beside === undefined) await forecaster.alone();
    await forecaster.offer(answering.manifest, await bytes(answering.manifest.sha256));
    if (beside !== undefined) await forecaster.offerBeside(beside.manifest, await bytes(beside.manifest.sha256));
  }

  async submit(biasKw: number, release: (typeof RELEASES)[number]): Promise<string[]> {
    const ids: string[] = [];
    for (const site of SITES) {
      const bundle = bundleFor(site, biasKw, this.clock.plant.now());
      // Scores before the rollout may mislead: live data decide.
      const loss = 6 - RELEASES.indexOf(release);
      const evidence = { days: daysOf(T0, () => loss) };
      const outcome = await this.rollout.submit(bundle, { release, evidence, by: 'loadstone', reason: 'trained' });
      assert.ok(outcome.ok, outcome.ok ? '' : outcome.fault.detail);
      ids.push(bundle.manifest.id);
    }
    return ids;
  }

  async hours(count: number): Promise<void> {
    for (let quarter = 0; quarter < 4 * count; quarter++) {
      for (let minute = 0; minute < 15; minute++) {
        const time = this.clock.plant.now();
        const values = [
          { metric: 'activePowerKw', value: loadAt(time), quality: 'good' as const, origin: 'measured' as const },
        ];
        for (const forecaster of this.forecasters.values()) forecaster.observe({ device: 'transformer', time, values });
        await this.clock.advance(60_000);
      }
      for (const forecaster of this.forecasters.values()) await forecaster.issue();
      if (quarter % 4 === 3) await this.rollout.step();
    }
  }

  async states(ids: readonly string[]): Promise<string[]> {
    return Promise.all(ids.map(async (id) => (await this.registry.get(id))!.state));
  }

  answering(): (string | null)[] {
    return SITES.map((site) => this.forecasters.get(site)!.state().id);
  }
}

test('a better model reaches all gateways despite kills; a worse and a corrupt one are caught', async () => {
  const world = new World();
  const old = await world.submit(250, 'old');
  assert.deepEqual(world.answering(), old);

  const better = await world.submit(0, 'new1');
  assert.deepEqual(
    await world.states(better),
    ['shadow', 'shadow', 'shadow'],
    (await world.registry.get(better[0]!))!.reason,
  );
  await world.hours(3);
  assert.deepEqual(world.answering(), old, 'a shadow does not answer');
  // The cloud and a gateway die during the shadow phase; the gateway restores its history from its own state.
  world.registry.close();
  world.startCloud();
  world.startGateway('whf', world.forecasters.get('whf')!.snapshot());
  await world.hand('whf');
  await world.rollout.start();
  // A day of leads and a week of targets; the gateway's measurements of the first day are lost.
  await world.hours(9 * 24);
  const states = await world.states(better);
  assert.ok(states.includes('canary'), states.join(', '));
  const canary = better[states.indexOf('canary')]!;
  assert.deepEqual(
    world.answering().filter((id) => id === canary),
    [canary],
    'the canary answers at its gateway, and only there',
  );
  world.registry.close();
  world.startCloud();
  await world.rollout.start();
  await world.hours(12);
  assert.deepEqual(await world.states(better), ['active', 'active', 'active']);
  assert.deepEqual(world.answering(), better);
  assert.deepEqual(await world.states(old), ['retired', 'retired', 'retired']);

  const worse = await world.submit(300, 'new2');
  assert.deepEqual(await world.states(worse), ['shadow', 'shadow', 'shadow'], 'its falsified evidence passes the gate');
  await world.hours(9 * 24);
  assert.deepEqual(await world.states(worse), ['rejected', 'rejected', 'rejected']);
  assert.match(
    (await world.registry.get(worse[0]!))!.reason,
    /in shadow its loss is \d+\.\d kW, the incumbent's \d+\.\d kW/,
  );
  assert.deepEqual(world.answering(), better);

  world.onTheWay = (bytes) => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  };
  const corrupt = await world.submit(-1, 'new3');
  await world.hours(1);
  assert.deepEqual(await world.states(corrupt), ['rejected', 'rejected', 'rejected']);
  assert.match((await world.registry.get(corrupt[0]!))!.reason, /bytes do not match the hash/);
  assert.deepEqual(world.answering(), better);
  for (const forecaster of world.forecasters.values()) await forecaster.stop();
  world.registry.close();
});
