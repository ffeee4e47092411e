import { join } from 'node:path';
import { Database, DatabaseReader } from './database.ts';

/** The cloud's stores in its data folder, besides measurements. Open them only under the folder's lock. */
export interface DataFiles {
  /** Accounts, people, acts, documents: small and read often. */
  readonly state: Database;
  /** Forecasts, models and planner results: large and rarely written. */
  readonly planner: Database;
}

export const dataFiles = (folder: string): DataFiles => ({
  state: new Database(join(folder, 'state.sqlite'), folder),
  planner: new Database(join(folder, 'planner.sqlite'), folder),
});

/** In memory: gone with the process. */
export const memoryFiles = (): DataFiles => ({ state: new Database(':memory:'), planner: new Database(':memory:') });

/** The same files for reading in another thread, while this process holds them open. */
export const readingFiles = (folder: string): DataFiles => ({
  state: new DatabaseReader(join(folder, 'state.sqlite')),
  planner: new DatabaseReader(join(folder, 'planner.sqlite')),
});
