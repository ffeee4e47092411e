import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { ScenarioStore } from './scenario-store.ts';
import { scenarioStoreSuite } from './testing/scenario-store-suite.ts';

scenarioStoreSuite(
  'SQLite',
  storeFiles((path) => new ScenarioStore(path)),
);
