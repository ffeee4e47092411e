import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteWeatherStore } from './sqlite-weather-store.ts';
import { weatherStoreSuite } from './testing/weather-store-suite.ts';

weatherStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteWeatherStore(path)),
);
