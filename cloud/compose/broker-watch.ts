import type { Logger } from 'pino';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Away } from '../ingest/rabbitmq/broker-standing.ts';

export interface BrokerWatchParts {
  /** Of the machine. */
  readonly time: TimeBase;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** The broker is away, with why, or answers (null): told once of each, and at the start. */
  readonly onBroker: (why: string | null) => void;
}

/** What the link into a broker that is a process of its own says of it. */
export class BrokerWatch {
  readonly #parts: BrokerWatchParts;
  #away: Away | null = null;
  /** Whether it was said that the broker is away; undefined: nothing was said yet. */
  #wasTold: boolean | undefined;

  constructor(parts: BrokerWatchParts) {
    this.#parts = parts;
  }

  get away(): Away | null {
    return this.#away;
  }

  /** A try has failed or a line is lost, with why; null: the link stands. */
  heard(why: string | null): void {
    const { time, logger, onBroker } = this.#parts;
    const before = this.#away;
    this.#away = why === null ? null : { since: before?.since ?? time.now(), why };
    if (why !== null && why !== before?.why) logger.error({ code: 'LS-BROKER-004' }, why);
    if (why === null && before !== null) logger.info('RabbitMQ answers again');
    const isAway = why !== null;
    if (isAway !== this.#wasTold) onBroker(why);
    this.#wasTold = isAway;
  }
}
