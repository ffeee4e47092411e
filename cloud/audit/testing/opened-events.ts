import { EventLog } from '../event-log.ts';
import { SqliteEventStore } from '../sqlite-event-store.ts';

/** An event log on a file or in memory. A refusal of its store fails the test. */
export class OpenedEvents extends EventLog {
  readonly #file: SqliteEventStore;

  constructor(path = ':memory:') {
    const file = new SqliteEventStore(path);
    super(file, (error) => {
      throw error;
    });
    this.#file = file;
    file.open();
  }

  close(): void {
    this.#file.close();
  }
}
