import { SqliteAlarmStore } from '../alarms/sqlite-alarm-store.ts';
import { EventLog } from '../audit/event-log.ts';
import { SqliteAttemptStore } from '../audit/sqlite-attempt-store.ts';
import { SqliteEventStore } from '../audit/sqlite-event-store.ts';
import { SqliteAreaStore } from '../desk/sqlite-area-store.ts';
import { SqliteDeskStore } from '../desk/sqlite-desk-store.ts';
import { SqliteInterventionStore } from '../desk/sqlite-intervention-store.ts';
import { SqliteIncidentStore } from '../incidents/sqlite-incident-store.ts';
import { SqliteMessageStore } from '../notify/sqlite-message-store.ts';
import { SqliteDocumentStore } from '../plan/send/sqlite-document-store.ts';
import { SqliteForecastStore } from '../forecast/serve/sqlite-forecast-store.ts';
import { BirthFile } from '../ingest/birth-file.ts';
import { LedgerFile } from '../ingest/ledger-file.ts';
import { Ledger } from '../ingest/ledger.ts';
import { SqliteModelRegistry } from '../forecast/registry/sqlite-model-registry.ts';
import { IdempotencyStore } from '../api/answers/idempotency-store.ts';
import { plannerStores } from './planner.ts';
import { SqliteJobStore } from '../jobs/sqlite-job-store.ts';
import { SqliteMomentStore } from '../playback/sqlite-moment-store.ts';
import { SqliteScenarioStore } from '../planner/scenario/sqlite-scenario-store.ts';
import { OldRows } from '../retention/old-rows.ts';
import { SqlStore } from '../sql/sql-store.ts';
import { SqliteLastRuns } from '../schedule/sqlite-last-runs.ts';
import { SqliteShiftStore } from '../shift/sqlite-shift-store.ts';
import type { Places } from './state.ts';

export type Stores = ReturnType<typeof makeStores>;

/** Everything durable besides telemetry and people; not opened yet. `data`: the folder. */
export function makeStores(data: string, places: Places, onFailure: (error: unknown) => void) {
  const { state, planner, models = planner } = places;
  const stores = {
    ledger: new Ledger(new LedgerFile(state)),
    births: new BirthFile(state),
    eventStore: new SqliteEventStore(state),
    alarms: new SqliteAlarmStore(state),
    forecasts: new SqliteForecastStore(planner),
    models: new SqliteModelRegistry(models),
    documents: new SqliteDocumentStore(state),
    desk: new SqliteDeskStore(state),
    holdings: new SqliteAreaStore(state),
    interventions: new SqliteInterventionStore(state),
    incidents: new SqliteIncidentStore(state),
    shift: new SqliteShiftStore(state),
    messages: new SqliteMessageStore(state),
    jobs: new SqliteJobStore(state),
    lastRuns: new SqliteLastRuns(state),
    scenarios: new SqliteScenarioStore(planner),
    moments: new SqliteMomentStore(planner),
    attempts: new SqliteAttemptStore(state),
    idempotency: new IdempotencyStore(state),
    ...plannerStores(data, places),
    oldState: new OldRows(state),
    oldPlanner: new OldRows(planner),
  };
  return { ...stores, events: new EventLog(stores.eventStore, onFailure) };
}

export async function openStores({ events: _events, ...stores }: Stores): Promise<void> {
  for (const each of Object.values(stores)) {
    await each.open();
    if (each instanceof SqlStore) await each.opened();
  }
}

/** Closes every store, even if another one throws. */
export function closeStores({ events: _events, ...stores }: Stores): void {
  using closing = new DisposableStack();
  for (const each of Object.values(stores)) closing.defer(() => each.close());
}
