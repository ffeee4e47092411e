import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteScenarioStore } from './sqlite-scenario-store.ts';
import { scenarioStoreSuite } from './testing/scenario-store-suite.ts';

scenarioStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteScenarioStore(path)),
);
