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
    summary: 'the demo with a page open for so many hours: delay of the main thread, memory of each process, alarms',
    isLong: true,
    load: () => import('./demo.ts'),
  },
  commissioning: {
    summary: 'step tests beside unrelated meters, regions that cannot be, and writes of a gateway that only watches',
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
    summary:
      'what the desk says against the simulator: false and missed alarms, floods, plans clamped by themselves (minutes)',
    load: () => import('./alarms.ts'),
  },
  estimate: {
    summary:
      'voltage at unmeasured buses against the truth of the plant, its interval, and which bad meters and switches are found',
    load: () => import('./estimate.ts'),
  },
  forecast: {
    summary: 'forecast accuracy on the reference series, beside the best published blend (long)',
    load: () => import('./forecast.ts'),
  },
  blend: {
    summary:
      'weights of a model that follow the errors of its members, beside those of its training: pinball over the weeks after it (minutes)',
    load: () => import('./blend.ts'),
  },
  federated: {
    summary:
      'accuracy and bytes where loads stay at the gateways, beside central training and each alone (five minutes of processor)',
    load: () => import('./federated.ts'),
  },
  drift: {
    summary:
      'false alarms of the watch over drift on years that it was not set on, and days until shifts are found (minutes)',
    load: () => import('./drift.ts'),
  },
  inference: {
    summary: 'one forecast by ONNX through the child process, beside a bare session',
    load: () => import('./inference.ts'),
  },
  cycle: {
    summary: 'from a spike at the meter to the setpoint, jitter under load, and the echo of the local broker',
    load: () => import('./cycle.ts'),
  },
  footprint: {
    summary: 'memory of a gateway at work with a model loaded, beside a bare Node, aedes and ONNX Runtime',
    load: () => import('./footprint.ts'),
  },
  backfill: {
    summary:
      'a gateway whose link is back after hours: points per second into InfluxDB, and how late live data is meanwhile',
    load: () => import('./backfill.ts'),
  },
  fleet: {
    summary: 'a signed command to each of 10,000 gateways at once, until all are verified and acknowledged',
    load: () => import('./fleet.ts'),
  },
  dashboard: {
    summary:
      'the page in the real browser: sizes, first view, frames while 1,000 values move a second, pages of 50,000 devices',
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
      'what one gateway takes of processor, memory and disk, and the sheet for 10,000, 100,000 and 1,000,000 (minutes)',
    load: () => import('./cost.ts'),
  },
  scale: {
    summary:
      'two clouds of a region on RabbitMQ, PostgreSQL and InfluxDB: frames that are lost where one is killed or frozen, seconds to take over (minutes)',
    load: () => import('./scale.ts'),
  },
  api: {
    summary: 'newest forecast from the cache at 200 requests a second beside the demo, and a bare fastify route',
    load: () => import('./api.ts'),
  },
};
