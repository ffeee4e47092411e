import { join } from 'node:path';
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

export type Kept = ReturnType<typeof openKept>;

/** Everything durable besides the telemetry itself, each in a file of its own. */
export function openKept(data: string) {
  const kept = {
    ledger: new Ledger(join(data, 'ledger.sqlite')),
    births: new BirthFile(join(data, 'births.sqlite')),
    events: new EventLog(join(data, 'events.sqlite')),
    alarms: new AlarmStore(join(data, 'alarms.sqlite')),
    forecasts: new ForecastStore(join(data, 'forecasts.sqlite')),
    models: new ModelRegistry(join(data, 'models.sqlite')),
    documents: new DocumentStore(join(data, 'documents.sqlite')),
    desk: new DeskStore(join(data, 'desk.sqlite')),
    holdings: new AreaStore(join(data, 'areas.sqlite')),
    interventions: new InterventionStore(join(data, 'interventions.sqlite')),
    jobs: new JobStore(join(data, 'jobs.sqlite')),
    scenarios: new ScenarioStore(join(data, 'scenarios.sqlite')),
    attempts: new AttemptStore(join(data, 'attempts.sqlite')),
    idempotency: new IdempotencyStore(join(data, 'idempotency.sqlite')),
    ...plannerStores(data),
  };
  for (const each of Object.values(kept)) each.open();
  return kept;
}

export function closeKept(kept: Kept): void {
  for (const each of Object.values(kept)) each.close();
}
