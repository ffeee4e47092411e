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
import { postgresOptions } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { readingFiles } from '../telemetry/data-files.ts';
import type { ApiThreadStart } from './api-thread-data.ts';
import { inPostgres, isPlannerLeft } from './state.ts';

/** The stores of a cloud that the owner has opened, to be read beside it: each statement sees what is committed by then. */
export function readStores(
  { data, postgres }: Pick<ApiThreadStart, 'data' | 'postgres'>,
  rules: readonly AlarmRuleView[],
): ApiReads & { readonly close: () => Promise<void> } {
  const files = readingFiles(data);
  const database = postgres === undefined ? undefined : new Postgres({ ...postgresOptions(postgres), isReader: true });
  const { state, models, planner } = {
    ...(database === undefined ? { ...files, models: files.planner } : inPostgres(database)),
    ...(isPlannerLeft(data) && { planner: files.planner }),
  };
  const log = new SqliteEventStore(state);
  const stores = {
    interventions: new SqliteInterventionStore(state),
    incidents: new SqliteIncidentStore(state),
    shift: new SqliteShiftStore(state),
    vintages: new SqliteForecastStore(planner),
    models: new SqliteModelRegistry(models),
    scenarios: new SqliteScenarioStore(planner),
    backtests: new SqliteBacktestStore(planner),
    exports: new SqliteExportStore(state, join(data, 'exports')),
    webhooks: new SqliteWebhookStore(state),
    annotations: new SqliteAnnotationStore(state),
    weatherVintages: new SqliteWeatherStore(planner),
  };
  for (const each of [log, ...Object.values(stores)]) each.open();
  const codes = new Set(rules.map(({ code }) => code));
  const as = (event: EventView): EventView => shownAs(event, codes.has(event.code));
  return {
    ...stores,
    events: {
      list: async (query) => (await log.list(query)).map(as),
      search: (query) => log.search({ ...query, as }),
    },
    close: async () => database?.close(),
  };
}
