import { join } from 'node:path';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { PeopleStore } from '../access/people-store.ts';
import { shownAs } from '../alarms/shown-event.ts';
import type { ApiReads } from '../api/deps.ts';
import { SqliteEventStore } from '../audit/sqlite-event-store.ts';
import { SqliteInterventionStore } from '../desk/sqlite-intervention-store.ts';
import { ModelRegistry } from '../forecast/registry/registry.ts';
import { ForecastStore } from '../forecast/serve/forecast-store.ts';
import { BacktestStore } from '../planner/backtest/backtest-store.ts';
import { ExportStore } from '../planner/export/export-store.ts';
import { AnnotationStore } from '../planner/inputs/annotation-store.ts';
import { WeatherStore } from '../planner/inputs/weather-store.ts';
import { ScenarioStore } from '../planner/scenario/scenario-store.ts';
import { WebhookStore } from '../planner/webhooks/webhook-store.ts';
import { readingFiles } from '../telemetry/data-files.ts';

/** The stores of a data folder that the owner has opened, to be read beside it: each statement sees what is committed by then. */
export function readStores(
  data: string,
  rules: readonly AlarmRuleView[],
): { readonly stores: Omit<ApiReads, 'people'>; readonly people: PeopleStore } {
  const { state, planner } = readingFiles(data);
  const log = new SqliteEventStore(state);
  const people = new PeopleStore(state);
  const stores = {
    interventions: new SqliteInterventionStore(state),
    vintages: new ForecastStore(planner),
    models: new ModelRegistry(planner),
    scenarios: new ScenarioStore(planner),
    backtests: new BacktestStore(planner),
    exports: new ExportStore(state, join(data, 'exports')),
    webhooks: new WebhookStore(state),
    annotations: new AnnotationStore(state),
    weatherVintages: new WeatherStore(planner),
  };
  for (const each of [log, people, ...Object.values(stores)]) each.open();
  const codes = new Set(rules.map(({ code }) => code));
  const as = (event: EventView): EventView => shownAs(event, codes.has(event.code));
  return {
    people,
    stores: {
      ...stores,
      events: {
        list: (query) => log.list(query).map(as),
        search: (query) => log.search({ ...query, as }),
      },
    },
  };
}
