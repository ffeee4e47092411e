import { join } from 'node:path';
import { Database, DatabaseReader } from './database.ts';

/** The cloud's stores in its data folder besides measurements. Open them only under the folder's lock. */
export interface DataFiles {
  /** Accounts, people, acts, documents: small, and asked for all the time. */
  readonly state: Database;
  /** Forecasts, models and what planners bring: large, and written now and then. */
  readonly planner: Database;
}

export const dataFiles = (folder: string): DataFiles => ({
  state: new Database(join(folder, 'state.sqlite'), folder),
  planner: new Database(join(folder, 'planner.sqlite'), folder),
});

/** In memory: gone with whoever holds them. */
export const memoryFiles = (): DataFiles => ({ state: new Database(':memory:'), planner: new Database(':memory:') });

/** The same files, to be read by another thread while this process holds them open. */
export const readingFiles = (folder: string): DataFiles => ({
  state: new DatabaseReader(join(folder, 'state.sqlite')),
  planner: new DatabaseReader(join(folder, 'planner.sqlite')),
});
