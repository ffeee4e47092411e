import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedAt } from './as-of.ts';
import type { InfluxServer } from './influx-server.ts';
import { InfluxStore, type InfluxStoreOptions } from './influx-store.ts';
import type { TelemetryStore } from './store.ts';
import type { InfluxConfig, TelemetryConfig } from './telemetry-config.ts';
import { WorkerStore } from './worker-store.ts';

/** The configured telemetry store; `receivedAt` is the ledger, which answers `asOf`. */
export function composeStore(
  { telemetry, data }: { readonly telemetry: TelemetryConfig; readonly data: string },
  receivedAt: ReceivedAt,
  rollups: Pick<InfluxStoreOptions, 'isAlone' | 'onRollupFault'>,
): TelemetryStore {
  if (telemetry.kind === 'sqlite') return new WorkerStore({ path: join(data, 'telemetry.sqlite'), receivedAt });
  const { api, org } = telemetry;
  return new InfluxStore({
    ...influxServerOf(telemetry),
    receivedAt,
    ...rollups,
    ...(api === 'v1' ? { create: true } : { org, detect: api === 'auto' }),
  });
}

/** The configured InfluxDB. Throws if the file of its token cannot be read. */
export function influxServerOf({ url, database, tokenFile }: InfluxConfig): InfluxServer {
  return { url, database, ...(tokenFile === undefined ? {} : { token: readFileSync(tokenFile, 'utf8').trim() }) };
}
