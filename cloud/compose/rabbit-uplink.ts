import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { isHome } from '../../shared/config/is-home.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { assertOpens } from '../../shared/service/taken-port.ts';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import type { Away } from '../ingest/rabbitmq/broker-standing.ts';
import { checkBroker } from '../ingest/rabbitmq/check-broker.ts';
import { BrokerFault } from '../ingest/rabbitmq/faults.ts';
import { RabbitLink } from '../ingest/rabbitmq/rabbit-link.ts';
import { rabbitAddress, type RabbitConfig } from '../ingest/rabbitmq/rabbitmq-config.ts';
import { Registrar } from '../ingest/rabbitmq/registrar.ts';
import { TlsDoor } from '../ingest/tls-door.ts';
import { hasAuthority, pkiFiles, readPki } from '../pki/authority-files.ts';
import { AuthorityWatch } from '../pki/authority-watch.ts';
import { barredUntil, readStandings, type Standings } from '../pki/standing.ts';
import { BrokerWatch } from './broker-watch.ts';
import { enrolServerOf, groupOf, identityOf, type Doors, type RunningUplink, type UplinkParts } from './uplink-door.ts';

/**
 * Gateways connect to a RabbitMQ, and the cloud receives and sends there. Enrolment and renewal stay at the cloud's own port. The broker
 * knows gateways by user: the cloud creates one for each gateway of its region, and deletes that of a revoked one.
 */
export class RabbitUplink implements Doors {
  readonly #parts: UplinkParts;
  readonly #rabbitmq: RabbitConfig;
  readonly #data: string;
  readonly #address: BrokerAddress;
  #standings: Standings;
  readonly #watch: BrokerWatch;
  #management: Away | null = null;

  constructor(parts: UplinkParts, rabbitmq: RabbitConfig) {
    this.#parts = parts;
    this.#rabbitmq = rabbitmq;
    this.#data = resolve(parts.config.data);
    if (!hasAuthority(this.#data))
      throw new LoadstoneError(
        'LS-CONFIG-003',
        `uplink.rabbitmq: gateways connect there by certificate, but ${pkiFiles(this.#data).folder} has none; create them with "loadstone pki init"`,
      );
    this.#address = rabbitAddress(rabbitmq, () => readPki(pkiFiles(this.#data).roots));
    this.#standings = readStandings(this.#data);
    this.#watch = new BrokerWatch(parts);
  }

  /** A broker that does not answer must not block the page: the cloud starts, logs it, and keeps trying. */
  async check(): Promise<void> {
    const { time, logger } = this.#parts;
    try {
      logger.info({ version: await checkBroker(this.#address, time) }, 'RabbitMQ is set up correctly');
    } catch (error) {
      if (!(error instanceof BrokerFault) || error.kind !== 'away') throw error;
      logger.error({ code: error.code }, error.message);
    }
    const { host, port } = this.#parts.config.uplink;
    await assertOpens({ host, port, key: 'uplink.port' });
  }

  async open(): Promise<RunningUplink> {
    const parts = this.#parts;
    const { config, time, logger, onFailure } = parts;
    const { host, port } = config.uplink;
    const registrar = new Registrar({
      address: this.#address,
      group: groupOf(parts),
      machine: time,
      onFault: (error) => this.#manages(error instanceof Error ? error : new Error(String(error))),
      onDone: () => this.#manages(null),
    });
    const enrolment = enrolServerOf(parts, {
      broker: isHome(this.#rabbitmq.host)
        ? { port: this.#rabbitmq.mqttPort }
        : { host: this.#rabbitmq.host, port: this.#rabbitmq.mqttPort },
      barred: (gateway) => this.#barred(gateway),
      onIssued: (gateway) => void registrar.admit([gateway]).catch(onFailure),
    });
    const door = new TlsDoor({
      host,
      port,
      identity: await identityOf(parts),
      onClient: (socket) => {
        socket.on('error', () => undefined);
        logger.warn(
          { address: socket.remoteAddress },
          'speaks MQTT at the enrolment port: gateways must connect to RabbitMQ',
        );
        socket.destroy();
      },
      onHttp: (socket) => enrolment.take(socket),
      onError: onFailure,
    });
    await door.start();
    const admitAll = async (): Promise<void> => {
      const { admitted, dismissed } = this.#gateways();
      await Promise.all([registrar.dismiss(dismissed), registrar.admit(admitted)]);
    };
    admitAll().catch(onFailure);
    const followed = this.#follow(door, registrar, admitAll);
    const link = this.#link();
    return {
      link,
      places: `RabbitMQ at ${this.#rabbitmq.host}:${this.#rabbitmq.mqttPort} by TLS, enrolment on ${host}:${door.port}`,
      listens: () => door.listens,
      broker: () => ({ away: this.#watch.away, management: this.#management }),
      isCutOff: () => this.#watch.isCutOff,
      stop: async () => {
        await using ending = new AsyncDisposableStack();
        for (const each of [door, enrolment, registrar, followed]) ending.defer(() => each.stop());
        // In case the ingest could not: a connection left open would hold the place of the next cloud.
        await link.close();
      },
    };
  }

  #link(): Link {
    return new RabbitLink({
      address: this.#address,
      machine: this.#parts.time,
      random: new SeededRandom(randomInt(2 ** 32)),
      isRevoked: (gateway) => this.#barred(gateway) !== undefined,
      mayOpen: this.#parts.mayOpen,
      onStanding: (why) => this.#watch.heard(why),
      onFailure: this.#parts.onFailure,
    });
  }

  #follow(door: TlsDoor, registrar: Registrar, admitAll: () => Promise<void>): AuthorityWatch {
    const { time, logger, onAct, onFailure } = this.#parts;
    const followed = new AuthorityWatch({
      data: this.#data,
      time,
      onStandings: (standings) => {
        const before = this.#standings;
        this.#standings = standings;
        const revoked = Object.keys(standings).filter((id) => standings[id]?.revokedAt !== before[id]?.revokedAt);
        for (const gateway of revoked) {
          logger.warn({ gateway }, 'revoked: its session ends');
          onAct({ who: 'pki', what: 'gateway.revoke', on: gateway });
        }
        if (revoked.length > 0) registrar.dismiss(revoked).catch(onFailure);
      },
      onAuthority: async () => {
        door.renew(await identityOf(this.#parts));
        // Also restores users that the broker has lost, and admits gateways whose bar has expired.
        await admitAll();
      },
      onTick: () => undefined,
      onFault: (error) => logger.error({ err: error }, 'changes of the authority files cannot be watched'),
    });
    followed.start();
    return followed;
  }

  #gateways(): { readonly admitted: string[]; readonly dismissed: string[] } {
    const all = this.#parts.region.substations.map(({ gateway }) => gateway);
    const isBarred = (gateway: string): boolean => this.#barred(gateway) !== undefined;
    return {
      admitted: [...new Set(all)].filter((gateway) => !isBarred(gateway)),
      dismissed: Object.keys(this.#standings).filter(isBarred),
    };
  }

  /** RabbitMQ does not check when a certificate was issued, so a new certificate would make the revoked one valid again. */
  #barred(gateway: string): string | undefined {
    const until = barredUntil(this.#standings[gateway]);
    if (until === undefined || until <= this.#parts.time.now()) return undefined;
    return `is revoked, and RabbitMQ cannot distinguish its old certificates from new ones: give it another id, or wait until ${new Date(until).toISOString()}`;
  }

  #manages(error: Error | null): void {
    const { time, logger } = this.#parts;
    const why = error?.message ?? null;
    const before = this.#management;
    if (before?.why === why || (before === null && why === null)) return;
    this.#management = why === null ? null : { since: before?.since ?? time.now(), why };
    if (why === null) logger.info('gateways can be added and removed again');
    else logger.error({ code: error instanceof LoadstoneError ? error.code : undefined }, why);
  }
}
