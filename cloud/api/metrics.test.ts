import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText, type MetricSources } from './metrics.ts';

const none = (): number => 0;
const sources: MetricSources = {
  ingest: () => ({ frames: 0, duplicates: 0, heldBack: 0, overBudget: 0, rebirths: 0, heldPoints: 0, failedWrites: 0 }),
  events: async () => Number.NaN,
  promotions: () => ({ duel: 0, age: 0 }),
  connectedGateways: none,
  plantTime: none,
  gateways: () => [],
  onLoopDelay: () => undefined,
  onFrameWait: () => undefined,
};

test('the metrics count what ingest accepted, held back and rejected, each under its own name', async () => {
  const ingest = { frames: 1, duplicates: 2, heldBack: 3, overBudget: 4, rebirths: 5, heldPoints: 6, failedWrites: 7 };
  const text = await metricsText({ ...sources, ingest: () => ingest })();
  assert.deepEqual(text.match(/^loadstone_(?:ingest|store)_(?!wait)\w+ \d+$/gm), [
    'loadstone_ingest_frames_total 1',
    'loadstone_ingest_duplicates_total 2',
    'loadstone_ingest_held_back_total 3',
    'loadstone_ingest_over_budget_total 4',
    'loadstone_ingest_rebirths_total 5',
    'loadstone_ingest_held_points 6',
    'loadstone_store_failed_writes_total 7',
  ]);
});

test('the metrics show whether and since when PostgreSQL is away, and the duration of its last commit', async () => {
  let away: { readonly since: number } | null = null;
  const text = metricsText({ ...sources, state: () => ({ away, commitMs: 12.5, term: 3 }) });
  const shown = async (): Promise<string[]> =>
    (await text()).split('\n').filter((line) => /^loadstone_(state|events)/.test(line));
  const rest = ['loadstone_state_commit_seconds 0.0125', 'loadstone_state_term 3'];
  const up = ['loadstone_events Nan', 'loadstone_state_up 1', 'loadstone_state_away_since_seconds 0', ...rest];
  assert.deepEqual(await shown(), up);
  away = { since: 1_800_000_000_000 };
  assert.deepEqual((await shown()).slice(1), [
    'loadstone_state_up 0',
    'loadstone_state_away_since_seconds 1800000000',
    ...rest,
  ]);
  assert.doesNotMatch(await metricsText(sources)(), /loadstone_state/);
});

test('the metrics count models that won a duel and those that followed for age, each under its own name', async () => {
  const text = await metricsText({ ...sources, promotions: () => ({ duel: 2, age: 3 }) })();
  assert.deepEqual(text.match(/^loadstone_models_\w+ \d+$/gm), [
    'loadstone_models_won_total 2',
    'loadstone_models_followed_total 3',
  ]);
});

test('the metrics count series and gateways waiting for roll-ups, if the store queues them', async () => {
  const text = await metricsText({ ...sources, waitingRollups: () => ({ series: 7, gateways: 2 }) })();
  assert.match(text, /^loadstone_store_waiting_rollups 7$/m);
  assert.match(text, /^loadstone_store_waiting_gateways 2$/m);
  assert.doesNotMatch(await metricsText(sources)(), /store_waiting/);
});

test('the metrics show how long frames waited until store and ledger had them', async () => {
  let tell: (seconds: number) => void = () => assert.fail('nobody listens');
  const text = metricsText({ ...sources, onFrameWait: (listener) => (tell = listener) });
  for (const seconds of [0.3, 0.4, 40]) tell(seconds);
  const lines = (await text()).split('\n').filter((line) => line.startsWith('loadstone_ingest_wait_seconds'));
  const countOf = (name: string): number => Number(lines.find((line) => line.startsWith(name))?.split(' ')[1]);
  assert.deepEqual(
    ['0.25', '0.5', '30', '+Inf'].map((le) => countOf(`loadstone_ingest_wait_seconds_bucket{le="${le}"}`)),
    [0, 2, 2, 3],
  );
});

test('the metrics show whether RabbitMQ answers, if it is the broker', async () => {
  const shown = async (away: { readonly since: number } | null): Promise<string[]> =>
    (await metricsText({ ...sources, broker: () => ({ away }) })())
      .split('\n')
      .filter((line) => line.startsWith('loadstone_broker'));
  assert.deepEqual(await shown(null), ['loadstone_broker_up 1', 'loadstone_broker_away_since_seconds 0']);
  assert.deepEqual(await shown({ since: 1_800_000_000_000 }), [
    'loadstone_broker_up 0',
    'loadstone_broker_away_since_seconds 1800000000',
  ]);
  assert.doesNotMatch(await metricsText(sources)(), /loadstone_broker/);
});

test('the metrics cover job nodes, if the cell can have them', async () => {
  const some = { plan: 3, train: 1, planner: 1 };
  const nodes = () => ({
    threads: some,
    waiting: { plan: 2, train: 0, planner: 0 },
    dead: 1,
    aloneSince: null,
    asked: 5,
    running: some,
    queued: some,
    nodes: [],
    late: 4,
  });
  const text = await metricsText({ ...sources, nodes })();
  for (const line of [
    'loadstone_node_threads{lane="plan"} 3',
    'loadstone_tasks_waiting{lane="plan"} 2',
    'loadstone_tasks_asked 5',
    'loadstone_tasks_dead 1',
    'loadstone_tasks_late 4',
  ])
    assert.ok(text.split('\n').includes(line), line);
  assert.doesNotMatch(await metricsText(sources)(), /loadstone_(node|tasks)_/);
});
