import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { ForecastStore } from './forecast-store.ts';
import { forecastStoreSuite } from './testing/forecast-store-suite.ts';

forecastStoreSuite(
  'SQLite',
  storeFiles((path) => new ForecastStore(path)),
);
