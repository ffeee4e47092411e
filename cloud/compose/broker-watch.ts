import type { Logger } from 'pino';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Away } from '../ingest/rabbitmq/broker-standing.ts';

export interface BrokerWatchParts {
  /** Machine time. */
  readonly time: TimeBase;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** The broker is away (the reason) or answers (null): called on each change, and at the start. */
  readonly onBroker: (why: string | null) => void;
}

const CUT_OFF_MS = 30_000;

/** Tracks the availability of an external broker, as its link reports it. */
export class BrokerWatch {
  readonly #parts: BrokerWatchParts;
  #away: Away | null = null;
  /** Elapsed machine time at the start of the outage; the wall clock may jump. */
  #awayAt = 0;
  /** The last state reported; undefined: none yet. */
  #wasAway: boolean | undefined;

  constructor(parts: BrokerWatchParts) {
    this.#parts = parts;
  }

  get away(): Away | null {
    return this.#away;
  }

  /** True for a cloud that has not reached its broker for too long: it does no work, and another one may take over. */
  get isCutOff(): boolean {
    return this.#away !== null && this.#parts.time.elapsed() - this.#awayAt > CUT_OFF_MS;
  }

  /** Called with the reason when an attempt fails or a line is lost; with null when the link is up. */
  heard(why: string | null): void {
    const { time, logger, onBroker } = this.#parts;
    const before = this.#away;
    if (before === null) this.#awayAt = time.elapsed();
    this.#away = why === null ? null : { since: before?.since ?? time.now(), why };
    if (why !== null && why !== before?.why) logger.error({ code: 'LS-BROKER-004' }, why);
    if (why === null && before !== null) logger.info('RabbitMQ answers again');
    const isAway = why !== null;
    if (isAway !== this.#wasAway) onBroker(why);
    this.#wasAway = isAway;
  }
}
