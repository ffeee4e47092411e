import { join } from 'node:path';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { shownAs } from '../alarms/shown-event.ts';
import type { ApiReads } from '../api/deps.ts';
import { SqliteEventStore } from '../audit/sqlite-event-store.ts';
import { SqliteInterventionStore } from '../desk/sqlite-intervention-store.ts';
import { SqliteIncidentStore } from '../incidents/sqlite-incident-store.ts';
import { SqliteModelRegistry } from '../forecast/registry/sqlite-model-registry.ts';
import { SqliteForecastStore } from '../forecast/serve/sqlite-forecast-store.ts';
import { SqliteBacktestStore } from '../planner/backtest/sqlite-backtest-store.ts';
import { SqliteExportStore } from '../planner/export/sqlite-export-store.ts';
import { SqliteAnnotationStore } from '../planner/inputs/sqlite-annotation-store.ts';
import { SqliteWeatherStore } from '../planner/inputs/sqlite-weather-store.ts';
import { SqliteScenarioStore } from '../planner/scenario/sqlite-scenario-store.ts';
import { SqliteWebhookStore } from '../planner/webhooks/sqlite-webhook-store.ts';
import { SqliteShiftStore } from '../shift/sqlite-shift-store.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { postgresOptions, type PostgresConfig } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { readingFiles } from '../telemetry/data-files.ts';
import type { ApiThreadStart } from './api-thread-data.ts';
import { inPostgres, isPlannerLeft, type Places } from './state.ts';

/** Reads of a cloud's stores, with a function that closes them. */
export type OpenedReads = ApiReads & { readonly close: () => Promise<void> };

/** Reads stores that the owner has opened: each statement sees what is committed by then. */
export function readStores(
  { data, postgres }: Pick<ApiThreadStart, 'data' | 'postgres'>,
  rules: readonly AlarmRuleView[],
): OpenedReads {
  const files = readingFiles(data);
  const database = postgres === undefined ? undefined : readerOf(postgres);
  const places = {
    ...(database === undefined ? { ...files, models: files.planner } : inPostgres(database)),
    ...(isPlannerLeft(data) && { planner: files.planner }),
  };
  const exports = new SqliteExportStore(places.state, join(data, 'exports'));
  return { ...readsOf(places, exports, rules), exports, close: async () => database?.close() };
}

/** The same on another machine, where export files come from the owner. The caller closes the shared `database`. */
export function readStoresOfNode(
  database: Postgres,
  rules: readonly AlarmRuleView[],
  exportsOfOwner: Pick<ApiReads['exports'], 'part'>,
): OpenedReads {
  const places = inPostgres(database);
  const exports = new SqliteExportStore(places.state, undefined);
  return {
    ...readsOf(places, exports, rules),
    exports: {
      get: (id, now) => exports.get(id, now),
      part: (id, from, now) => exportsOfOwner.part(id, from, now),
    },
    close: async () => undefined,
  };
}

export const readerOf = (postgres: PostgresConfig, time?: TimeBase): Postgres =>
  new Postgres({ ...postgresOptions(postgres), isReader: true, role: 'api' }, time);

function readsOf(
  { state, models, planner }: Required<Places>,
  exports: SqliteExportStore,
  rules: readonly AlarmRuleView[],
): Omit<ApiReads, 'exports'> {
  const log = new SqliteEventStore(state);
  const stores = {
    interventions: new SqliteInterventionStore(state),
    incidents: new SqliteIncidentStore(state),
    shift: new SqliteShiftStore(state),
    vintages: new SqliteForecastStore(planner),
    models: new SqliteModelRegistry(models),
    scenarios: new SqliteScenarioStore(planner),
    backtests: new SqliteBacktestStore(planner),
    webhooks: new SqliteWebhookStore(state),
    annotations: new SqliteAnnotationStore(state),
    weatherVintages: new SqliteWeatherStore(planner),
  };
  for (const each of [log, exports, ...Object.values(stores)]) each.open();
  const byCode = new Map(rules.map((rule) => [rule.code, rule]));
  const as = (event: EventView): EventView => shownAs(event, byCode.get(event.code));
  return {
    ...stores,
    events: {
      list: async (query) => (await log.list(query)).map(as),
      search: (query) => log.search({ ...query, as }),
    },
  };
}
