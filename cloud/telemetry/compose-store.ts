import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedAt } from './as-of.ts';
import { InfluxStore, type InfluxStoreOptions } from './influx-store.ts';
import type { TelemetryStore } from './store.ts';
import type { TelemetryConfig } from './telemetry-config.ts';
import { WorkerStore } from './worker-store.ts';

/** The configured telemetry store; `receivedAt` is the ledger, which answers `asOf`. */
export function composeStore(
  { telemetry, data }: { readonly telemetry: TelemetryConfig; readonly data: string },
  receivedAt: ReceivedAt,
  rollups: Pick<InfluxStoreOptions, 'isAlone' | 'onRollupFault'>,
): TelemetryStore {
  if (telemetry.kind === 'sqlite') return new WorkerStore({ path: join(data, 'telemetry.sqlite'), receivedAt });
  const { url, database, api, org, tokenFile } = telemetry;
  return new InfluxStore({
    url,
    database,
    receivedAt,
    ...rollups,
    ...(tokenFile === undefined ? {} : { token: readFileSync(tokenFile, 'utf8').trim() }),
    ...(api === 'v1' ? { create: true } : { org, detect: api === 'auto' }),
  });
}
