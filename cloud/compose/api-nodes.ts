import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { VERSION } from '../../shared/version.ts';
import type { KnownCallers } from '../api/callers/caller-file.ts';
import type { ApiSettings } from '../api/deps.ts';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { openOwnerWire } from '../nodes/amqp-wire.ts';
import { KEY_BYTES } from '../nodes/letters.ts';
import { OwnerLines } from '../nodes/owner-lines.ts';
import type { OwnerWire } from '../nodes/wire.ts';
import type { Postgres } from '../sql/postgres.ts';
import { ReconnectingLine } from '../task-queue/reconnecting-line.ts';
import { answerRole, type AnsweringParts } from './answer-role.ts';

/** The owner's configuration as api nodes need it, so that all of them answer alike. */
export interface SharedStart {
  readonly settings: Pick<
    ApiSettings,
    | 'requestsPerSecond'
    | 'passkeyRoles'
    | 'passkeyApprovals'
    | 'notice'
    | 'lockAfterMin'
    | 'webhookHosts'
    | 'ssoName'
    | 'simulated'
    | 'federated'
  >;
  readonly region: Region;
  readonly alarmRules: readonly AlarmRuleView[];
  readonly callers: KnownCallers;
}

export interface ApiNodesOptions extends AnsweringParts {
  readonly address: BrokerAddress;
  readonly postgres: Pick<Postgres, 'keepNodeKey'>;
  readonly start: SharedStart;
  /** Rejects, and so keeps this cloud away from the broker, if another cloud has taken its place. */
  readonly mayOpen: () => Promise<void>;
  readonly time: TimeBase;
  readonly logger: Logger;
}

const LINGER_MS = 2000;
const LOOK_MS = 50;

/** Answers api roles on other machines while this process holds the cloud. */
export class ApiNodes {
  readonly #options: ApiNodesOptions;
  /** New for each process, so that letters for the previous owner are void. */
  readonly #key = randomBytes(KEY_BYTES);
  readonly #lines: OwnerLines;
  readonly #wire: ReconnectingLine<OwnerWire>;

  constructor(options: ApiNodesOptions) {
    this.#options = options;
    const { feed, start, time, logger, onFailure } = options;
    const name = randomUUID();
    this.#lines = new OwnerLines({
      key: this.#key,
      version: VERSION,
      welcome: () => ({ feed: name, about: start }),
      answer: (lines) => answerRole(options, lines),
      beat: () => feed.release(),
      send: (queue, letter) => this.#wire.line?.send(queue, letter),
      time,
      onNodes: (nodes) => logger.info({ nodes }, 'connected api nodes'),
    });
    let logged: string | undefined;
    this.#wire = new ReconnectingLine<OwnerWire>({
      machine: time,
      random: new SeededRandom(randomInt(2 ** 32)),
      open: (onClose) => this.#open(onClose),
      onOpen: (wire) => {
        wire.listen().catch(onFailure);
        if (logged !== undefined) logger.info('serving api nodes again');
        logged = undefined;
      },
      onLost: (why) => {
        if (why !== logged) logger.error({ code: 'LS-BROKER-004' }, `cannot serve api nodes: ${why}`);
        logged = why;
        this.#lines.forget();
      },
    });
  }

  start(): void {
    this.#wire.start();
  }

  /** Requests in progress are completed and answered, for at most 2 s. */
  async close(): Promise<void> {
    const { time } = this.#options;
    const until = time.elapsed() + LINGER_MS;
    while (this.#lines.isBusy && time.elapsed() < until)
      await new Promise<void>((resolve) => void time.after(LOOK_MS, resolve));
    this.#lines.close();
    await this.#wire.stop();
  }

  async #open(onClose: (why: string) => void): Promise<OwnerWire> {
    const { address, postgres, mayOpen } = this.#options;
    await mayOpen();
    await postgres.keepNodeKey(this.#key);
    return openOwnerWire(address, { onLetter: (letter) => this.#lines.take(letter), onClose });
  }
}
