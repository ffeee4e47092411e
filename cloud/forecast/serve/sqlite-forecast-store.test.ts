import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteForecastStore } from './sqlite-forecast-store.ts';
import { forecastStoreSuite } from './testing/forecast-store-suite.ts';

forecastStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteForecastStore(path)),
);
