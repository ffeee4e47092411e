import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteModelRegistry } from './sqlite-model-registry.ts';
import { modelRegistrySuite } from './testing/model-registry-suite.ts';

modelRegistrySuite(
  'SQLite',
  storeFiles((path) => new SqliteModelRegistry(path)),
);
