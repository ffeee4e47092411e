import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { VERSION } from '../../shared/version.ts';
import type { KnownCallers } from '../api/callers/caller-file.ts';
import type { ApiSettings } from '../api/deps.ts';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { openOwnerWire } from '../nodes/amqp-wire.ts';
import { KEY_BYTES } from '../nodes/letters.ts';
import { OwnerLines } from '../nodes/owner-lines.ts';
import type { OwnerWire } from '../nodes/wire.ts';
import type { Postgres } from '../sql/postgres.ts';
import { answerRole, type AnsweringParts } from './answer-role.ts';

/** What an api node has of the owner's configuration, so that one answers as the other. */
export interface SharedStart {
  readonly settings: Pick<
    ApiSettings,
    'requestsPerSecond' | 'passkeyRoles' | 'passkeyApprovals' | 'webhookHosts' | 'ssoName' | 'simulated' | 'federated'
  >;
  readonly region: Region;
  readonly alarmRules: readonly AlarmRuleView[];
  readonly callers: KnownCallers;
}

export interface ApiNodesOptions extends AnsweringParts {
  readonly address: BrokerAddress;
  readonly postgres: Pick<Postgres, 'keepNodeKey'>;
  readonly start: SharedStart;
  /** Rejects where another cloud has come in this one's place: it stays away from the broker then. */
  readonly mayOpen: () => Promise<void>;
  readonly time: TimeBase;
  readonly logger: Logger;
}

const AGAIN_S = [1, 15] as const;
const LINGER_MS = 2000;
const LOOK_MS = 50;

/** Answers api roles on other machines, for as long as this process holds the cloud. */
export class ApiNodes {
  readonly #options: ApiNodesOptions;
  /** Of this process alone: letters of the owner before are worth nothing to this one. */
  readonly #key = randomBytes(KEY_BYTES);
  readonly #random = new SeededRandom(randomInt(2 ** 32));
  readonly #lines: OwnerLines;
  #wire: OwnerWire | undefined;
  #attempt = 0;
  #timer: Timer | undefined;
  #isClosed = false;
  #told: string | undefined;

  constructor(options: ApiNodesOptions) {
    this.#options = options;
    const { feed, start, time, logger } = options;
    const name = randomUUID();
    this.#lines = new OwnerLines({
      key: this.#key,
      version: VERSION,
      welcome: () => ({ feed: name, about: start }),
      answer: (lines) => answerRole(options, lines),
      beat: () => feed.release(),
      send: (queue, letter) => this.#wire?.send(queue, letter),
      time,
      onNodes: (nodes) => logger.info({ nodes }, 'api nodes that follow'),
    });
  }

  start(): void {
    this.#open().catch((error: unknown) => this.#lost(error instanceof Error ? error.message : String(error)));
  }

  /** What is asked is still done and answered, for at most 2 s. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    const { time } = this.#options;
    const until = time.elapsed() + LINGER_MS;
    while (this.#lines.isBusy && time.elapsed() < until)
      await new Promise<void>((resolve) => void time.after(LOOK_MS, resolve));
    this.#lines.close();
    await this.#wire?.close().catch(() => undefined);
  }

  async #open(): Promise<void> {
    const { address, postgres, mayOpen, logger } = this.#options;
    await mayOpen();
    await postgres.keepNodeKey(this.#key);
    const wire = await openOwnerWire(address, {
      onLetter: (letter) => this.#lines.take(letter),
      onClose: (why) => this.#lost(why),
    });
    if (this.#isClosed) return wire.close();
    this.#wire = wire;
    await wire.listen();
    this.#attempt = 0;
    if (this.#told !== undefined) logger.info('api nodes are answered again');
    this.#told = undefined;
  }

  #lost(why: string): void {
    if (this.#isClosed) return;
    const { time, logger } = this.#options;
    if (why !== this.#told) logger.error({ code: 'LS-BROKER-004' }, `api nodes are not answered: ${why}`);
    this.#told = why;
    this.#wire?.close().catch(() => undefined);
    this.#wire = undefined;
    this.#lines.forget();
    this.#timer?.cancel();
    this.#timer = time.after(backOff(AGAIN_S, ++this.#attempt, this.#random) * 1000, () => this.start());
  }
}
