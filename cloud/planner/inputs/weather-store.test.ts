import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { WeatherStore } from './weather-store.ts';
import { weatherStoreSuite } from './testing/weather-store-suite.ts';

weatherStoreSuite(
  'SQLite',
  storeFiles((path) => new WeatherStore(path)),
);
