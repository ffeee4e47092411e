import type { Logger } from 'pino';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { Postgres } from '../sql/postgres.ts';

const EVERY_MS = 5000;

export interface StateWatchParts {
  readonly postgres: Pick<Postgres, 'check'>;
  readonly time: TimeBase;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** Asks the database whether it is still held, since a cloud that has nothing to write would not notice; the log says when it is away. */
export function watchState({ postgres, time, logger }: StateWatchParts): Timer {
  let isFailing = false;
  return every(time, EVERY_MS, async () => {
    try {
      await postgres.check();
      if (isFailing) logger.info('PostgreSQL answers again');
      isFailing = false;
    } catch (error) {
      if (!(error instanceof LoadstoneError)) throw error;
      if (!isFailing) logger.error({ code: error.code }, error.message);
      isFailing = true;
    }
  });
}
