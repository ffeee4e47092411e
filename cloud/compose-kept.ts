import { AlarmStore } from './alarms/alarm-store.ts';
import { AttemptStore } from './audit/attempt-store.ts';
import { EventLog } from './audit/event-log.ts';
import { AreaStore } from './desk/area-store.ts';
import { InterventionStore } from './desk/intervention-store.ts';
import { DeskStore } from './desk/desk-store.ts';
import { DocumentStore } from './plan/send/document-store.ts';
import { ForecastStore } from './forecast/serve/forecast-store.ts';
import { BirthFile } from './ingest/birth-file.ts';
import { Ledger } from './ingest/ledger.ts';
import { ModelRegistry } from './forecast/registry/registry.ts';
import { IdempotencyStore } from './api/answers/idempotency-store.ts';
import { plannerStores } from './compose-planner.ts';
import { JobStore } from './jobs/job-store.ts';
import { ScenarioStore } from './planner/scenario/scenario-store.ts';
import type { DataFiles } from './telemetry/data-files.ts';

export type Kept = ReturnType<typeof openKept>;

/** Everything durable besides the telemetry itself, and people. `data`: the folder. */
export function openKept(data: string, files: DataFiles) {
  const { state, planner } = files;
  const kept = {
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
  for (const each of Object.values(kept)) each.open();
  return kept;
}

export function closeKept(kept: Kept): void {
  for (const each of Object.values(kept)) each.close();
}
