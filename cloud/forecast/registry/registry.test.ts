import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { ModelRegistry } from './registry.ts';
import { modelRegistrySuite } from './testing/model-registry-suite.ts';

modelRegistrySuite(
  'SQLite',
  storeFiles((path) => new ModelRegistry(path)),
);
