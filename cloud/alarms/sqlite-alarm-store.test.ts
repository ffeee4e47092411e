import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteAlarmStore } from './sqlite-alarm-store.ts';
import { alarmStoreSuite } from './testing/alarm-store-suite.ts';

alarmStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteAlarmStore(path)),
);
