import type { BenchOptions } from './options.ts';

export interface Bench {
  readonly summary: string;
  /** Accepts --hours. */
  readonly isLong?: boolean;
  /** `run` returns the fields that the bench prints as JSON, including a baseline measured in the same run. */
  load(): Promise<{ run(options: BenchOptions): Promise<Record<string, unknown>> }>;
}

/** All benches; each is imported only when called. */
export const benches: Readonly<Record<string, Bench>> = {
  demo: {
    summary: 'the demo with an open page for some hours: main-thread delay, memory of each process, alarms',
    isLong: true,
    load: () => import('./demo.ts'),
  },
  commissioning: {
    summary: 'step tests beside unrelated meters, impossible regions, and writes of a monitoring-only gateway',
    load: () => import('./commissioning.ts'),
  },
  powerflow: {
    summary: '1,000 buses by 1,000 time steps: ns per bus and iteration of the fused sweep',
    load: () => import('./powerflow.ts'),
  },
  ingest: {
    summary: 'points per second from MQTT to acknowledgement in InfluxDB, against its raw write rate',
    load: () => import('./ingest.ts'),
  },
  dispatch: {
    summary: 'multi-period dispatch against the AC optimum, and a hundred feeders of 96 steps in one pass',
    load: () => import('./dispatch.ts'),
  },
  guard: {
    summary:
      'spikes, wrong signs and noise on the plant: the guard beside an idle one and a feedback optimiser (minutes)',
    load: () => import('./guard.ts'),
  },
  alarms: {
    summary: 'alarms of the desk against the simulator: false and missed alarms, floods, self-clamped plans (minutes)',
    load: () => import('./alarms.ts'),
  },
  estimate: {
    summary:
      'voltage at unmeasured buses against the true plant, its interval, and detection of bad meters and switches',
    load: () => import('./estimate.ts'),
  },
  forecast: {
    summary: 'forecast accuracy on the reference series, beside the best published blend (long)',
    load: () => import('./forecast.ts'),
  },
  blend: {
    summary:
      'model weights that follow member errors, beside the trained weights: pinball over the weeks after training (minutes)',
    load: () => import('./blend.ts'),
  },
  federated: {
    summary:
      'accuracy and bytes of federated training, beside central training and each gateway alone (five CPU minutes)',
    load: () => import('./federated.ts'),
  },
  drift: {
    summary: 'drift detection: false alarms on years it was not tuned on, and days until shifts are found (minutes)',
    load: () => import('./drift.ts'),
  },
  inference: {
    summary: 'one ONNX forecast through the child process, beside a bare session',
    load: () => import('./inference.ts'),
  },
  cycle: {
    summary: 'from a spike at the meter to the setpoint, jitter under load, and the echo of the local broker',
    load: () => import('./cycle.ts'),
  },
  footprint: {
    summary: 'memory of a working gateway with a model loaded, beside bare Node, aedes and ONNX Runtime',
    load: () => import('./footprint.ts'),
  },
  backfill: {
    summary: 'a gateway reconnecting after hours: points per second into InfluxDB, and delay of live data meanwhile',
    load: () => import('./backfill.ts'),
  },
  fleet: {
    summary: 'a signed command to each of 10,000 gateways at once, until all are verified and acknowledged',
    load: () => import('./fleet.ts'),
  },
  dashboard: {
    summary:
      'the page in a real browser: sizes, first view, frame times at 1,000 changing values per second, pages of 50,000 devices',
    load: () => import('./dashboard.ts'),
  },
  trends: {
    summary:
      'a trend of one value and of four over an hour, a day and a month of 10 s samples, from SQLite and from InfluxDB (minutes)',
    load: () => import('./trends.ts'),
  },
  endurance: {
    summary:
      'a month of ten gateways through the real stores: heap, pruning, bytes by store and direction, seconds to start; ledgers of a year',
    load: () => import('./endurance.ts'),
  },
  cost: {
    summary:
      'CPU, memory and disk per gateway, and the cost sheet for 10,000, 100,000 and 1,000,000 gateways (minutes)',
    load: () => import('./cost.ts'),
  },
  scale: {
    summary:
      'two clouds of a region on RabbitMQ, PostgreSQL and InfluxDB: frames lost and seconds to take over when one is killed or frozen (minutes)',
    load: () => import('./scale.ts'),
  },
  api: {
    summary: 'newest forecast from the cache at 200 requests per second beside the demo, and a bare fastify route',
    load: () => import('./api.ts'),
  },
};
