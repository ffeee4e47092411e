import type { ByLane } from '../task-queue/lanes.ts';
import type { WaitingRollups } from '../telemetry/store.ts';
import type { NodesStanding } from '../task-queue/task-desk.ts';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { processMetrics } from './own-metrics.ts';

/** Since the start, except for the points that are held now. */
interface IngestFigures {
  readonly frames: number;
  readonly duplicates: number;
  readonly heldBack: number;
  readonly overBudget: number;
  readonly rebirths: number;
  readonly heldPoints: number;
  readonly failedWrites: number;
}

/** Sources of the metrics, read at each scrape. */
export interface MetricSources {
  ingest(): IngestFigures;
  /** Absent if the store rolls up at once. */
  readonly waitingRollups?: (() => WaitingRollups) | undefined;
  events(): Promise<number>;
  /** State of PostgreSQL; absent if the state lives in the data folder. `since` in ms UTC. */
  readonly state?:
    | (() => {
        readonly away: { readonly since: number } | null;
        readonly commitMs: number | null;
        readonly term: number | null;
      })
    | undefined;
  /** State of the broker; absent if it runs in the cloud's process. `since` in ms UTC. */
  readonly broker?: (() => { readonly away: { readonly since: number } | null }) | undefined;
  /** Job nodes; absent without RabbitMQ, through which they connect. */
  readonly nodes?: (() => NodesStanding) | undefined;
  /** Models promoted since the start: by a duel that they won, or for the age of the incumbent. */
  promotions(): { readonly duel: number; readonly age: number };
  connectedGateways(): number;
  plantTime(): number;
  /** Calls the listener with each delay of the main thread, seconds. */
  onLoopDelay(listener: (delay: { readonly lateS: number; readonly cpuS: number }) => void): void;
  /** Calls the listener with the time that the first frame of each batch waited for store and ledger, seconds. */
  onFrameWait(listener: (seconds: number) => void): void;
  gateways(): readonly {
    readonly id: string;
    readonly up: boolean;
    readonly backlogFrames: number | undefined;
    readonly overruns: number | undefined;
    readonly missingFrames: number;
  }[];
}

const WAITS_S = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60];
const DELAYS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5];

/** Returns the cloud's metrics in the Prometheus text format. */
export function metricsText(sources: MetricSources): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  processMetrics(registry);
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: async () => made.set(await read()) });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    const made: Counter = new Counter({
      name,
      help,
      registers,
      collect: (): void => {
        made.reset();
        made.inc(read());
      },
    });
  };
  const ingest = (name: keyof IngestFigures) => (): number => sources.ingest()[name];
  counter('loadstone_ingest_frames_total', 'frames ingested since the start', ingest('frames'));
  counter('loadstone_ingest_duplicates_total', 'duplicate frames received', ingest('duplicates'));
  counter('loadstone_ingest_held_back_total', 'frames held back for lack of room, to be resent', ingest('heldBack'));
  counter('loadstone_ingest_over_budget_total', 'messages and frames over a budget', ingest('overBudget'));
  counter('loadstone_ingest_rebirths_total', 'births requested from gateways', ingest('rebirths'));
  gauge('loadstone_ingest_held_points', 'points waiting for the store', ingest('heldPoints'));
  counter('loadstone_store_failed_writes_total', 'batches that the store failed to write', ingest('failedWrites'));
  const { waitingRollups } = sources;
  if (waitingRollups !== undefined) {
    gauge('loadstone_store_waiting_rollups', 'series waiting for their roll-ups', () => waitingRollups().series);
    gauge(
      'loadstone_store_waiting_gateways',
      'gateways whose series are still to be checked for roll-ups',
      () => waitingRollups().gateways,
    );
  }
  counter(
    'loadstone_models_won_total',
    'models promoted since the start because they won their duel',
    () => sources.promotions().duel,
  );
  counter(
    'loadstone_models_followed_total',
    'models promoted since the start because their incumbent was about to expire, without a duel won',
    () => sources.promotions().age,
  );
  gauge('loadstone_events', 'events in the log', () => sources.events());
  gauge('loadstone_gateways_connected', 'gateways with an MQTT connection', () => sources.connectedGateways());
  gauge('loadstone_plant_time_seconds', 'plant time, seconds since the epoch', () => sources.plantTime() / 1000);
  const standing = (name: string, what: string, away: () => { readonly since: number } | null): void => {
    gauge(`${name}_up`, `1 if ${what} answers`, () => Number(away() === null));
    gauge(
      `${name}_away_since_seconds`,
      `time since which ${what} does not answer, seconds since the epoch; 0 if it answers`,
      () => (away()?.since ?? 0) / 1000,
    );
  };
  const { broker } = sources;
  if (broker !== undefined) {
    standing('loadstone_broker', 'RabbitMQ', () => broker().away);
  }
  const { state } = sources;
  if (state !== undefined) {
    standing('loadstone_state', 'PostgreSQL', () => state().away);
    gauge(
      'loadstone_state_commit_seconds',
      'duration of the last commit in PostgreSQL',
      () => (state().commitMs ?? Number.NaN) / 1000,
    );
    gauge(
      'loadstone_state_term',
      'number of processes that have held PostgreSQL so far',
      () => state().term ?? Number.NaN,
    );
  }
  if (sources.nodes !== undefined) ofNodes(registry, sources.nodes);
  const delay = new Histogram({
    name: 'loadstone_main_thread_delay_seconds',
    help: 'lateness of timers on the main thread',
    buckets: DELAYS_S,
    registers,
  });
  const cpu = new Histogram({
    name: 'loadstone_main_thread_cpu_seconds',
    help: 'CPU time of the main thread between two timers 50 ms apart: the part of its delay that it causes itself',
    buckets: DELAYS_S,
    registers,
  });
  const wait = new Histogram({
    name: 'loadstone_ingest_wait_seconds',
    help: 'wait of the first frame of each batch until store and ledger had it; its acknowledgement follows within a second',
    buckets: WAITS_S,
    registers,
  });
  sources.onFrameWait((seconds) => wait.observe(seconds));
  sources.onLoopDelay(({ lateS, cpuS }) => {
    delay.observe(lateS);
    cpu.observe(cpuS);
  });
  perGateway(registry, sources);
  return () => registry.metrics();
}

function ofNodes(registry: Registry, nodes: () => NodesStanding): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  const byLane = (name: string, help: string, read: (standing: NodesStanding) => ByLane<number>): void => {
    const made: Gauge<'lane'> = new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers,
      collect: (): void => {
        for (const [lane, value] of Object.entries(read(nodes()))) made.set({ lane }, value);
      },
    });
  };
  byLane('loadstone_node_threads', 'threads of job nodes that accept tasks', ({ threads }) => threads);
  byLane('loadstone_tasks_waiting', 'tasks waiting for a job node', ({ waiting }) => waiting);
  gauge('loadstone_tasks_asked', 'tasks sent to job nodes and not answered yet', () => nodes().asked);
  gauge('loadstone_tasks_dead', 'tasks of the last two weeks that no job node completed', () => nodes().dead);
  gauge('loadstone_tasks_late', 'answers since the start to tasks that were already answered', () => nodes().late);
}

function perGateway(registry: Registry, sources: MetricSources): void {
  type Row = ReturnType<MetricSources['gateways']>[number];
  const gauge = (name: string, help: string, read: (row: Row) => number | undefined): void => {
    const made: Gauge<'gateway'> = new Gauge({
      name,
      help,
      labelNames: ['gateway'],
      registers: [registry],
      collect: (): void => {
        for (const row of sources.gateways()) {
          const value = read(row);
          if (value !== undefined) made.set({ gateway: row.id }, value);
        }
      },
    });
  };
  gauge('loadstone_gateway_up', '1 if its Sparkplug session is up', ({ up }) => Number(up));
  gauge('loadstone_gateway_backlog_frames', 'unacknowledged frames in its journal', (row) => row.backlogFrames);
  gauge('loadstone_gateway_cycle_overruns', 'cycles that overran their period', (row) => row.overruns);
  gauge('loadstone_gateway_missing_frames', 'frames missing from the ledger', (row) => row.missingFrames);
}
