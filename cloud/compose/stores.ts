import { AlarmStore } from '../alarms/alarm-store.ts';
import { AttemptStore } from '../audit/attempt-store.ts';
import { EventLog } from '../audit/event-log.ts';
import { AreaStore } from '../desk/area-store.ts';
import { InterventionStore } from '../desk/intervention-store.ts';
import { DeskStore } from '../desk/desk-store.ts';
import { DocumentStore } from '../plan/send/document-store.ts';
import { ForecastStore } from '../forecast/serve/forecast-store.ts';
import { BirthFile } from '../ingest/birth-file.ts';
import { Ledger } from '../ingest/ledger.ts';
import { ModelRegistry } from '../forecast/registry/registry.ts';
import { IdempotencyStore } from '../api/answers/idempotency-store.ts';
import { plannerStores } from './planner.ts';
import { JobStore } from '../jobs/job-store.ts';
import { ScenarioStore } from '../planner/scenario/scenario-store.ts';
import type { DataFiles } from '../telemetry/data-files.ts';

export type Stores = ReturnType<typeof openStores>;

/** Everything durable besides the telemetry itself, and people. `data`: the folder. */
export function openStores(data: string, files: DataFiles) {
  const { state, planner } = files;
  const stores = {
    ledger: new Ledger(state),
    births: new BirthFile(state),
    events: new EventLog(state),
    alarms: new AlarmStore(state),
    forecasts: new ForecastStore(planner),
    models: new ModelRegistry(planner),
    documents: new DocumentStore(state),
    desk: new DeskStore(state),
    holdings: new AreaStore(state),
    interventions: new InterventionStore(state),
    jobs: new JobStore(state),
    scenarios: new ScenarioStore(planner),
    attempts: new AttemptStore(state),
    idempotency: new IdempotencyStore(state),
    ...plannerStores(data, files),
  };
  for (const each of Object.values(stores)) each.open();
  return stores;
}

export function closeStores(stores: Stores): void {
  for (const each of Object.values(stores)) each.close();
}
