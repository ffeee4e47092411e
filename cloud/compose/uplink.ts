import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { assertOpens } from '../../shared/service/taken-port.ts';
import type { CloudConfig } from '../config.ts';
import { UplinkBroker } from '../ingest/broker.ts';
import { GatewayUsers } from '../ingest/gateway-users.ts';
import { readUsers, UsersFile } from '../ingest/users-file.ts';
import { hasAuthority, pkiFiles } from '../pki/authority-files.ts';
import { AuthorityWatch } from '../pki/authority-watch.ts';
import { Judge } from '../pki/judge.ts';
import { readStandings } from '../pki/standing.ts';
import { enrolServerOf, groupOf, identityOf, type Doors, type RunningUplink, type UplinkParts } from './uplink-door.ts';

/** The embedded broker's ports for gateways, with users and certificates. Any fault in users or certificates stops the start. */
export class Uplink implements Doors {
  readonly #parts: UplinkParts;
  readonly #data: string;
  readonly #usersFile: string;
  readonly #users: GatewayUsers;
  /** Undefined: there is no authority, only plain MQTT on loopback. */
  readonly #judge: Judge | undefined;

  constructor(parts: UplinkParts) {
    const { config, time } = parts;
    this.#parts = parts;
    this.#data = resolve(config.data);
    const isSecure = hasAuthority(this.#data);
    if (!isSecure && config.uplink.plainPort === undefined)
      throw new LoadstoneError(
        'LS-CONFIG-003',
        `uplink.port ${config.uplink.port}: there are no certificates in ${pkiFiles(this.#data).folder}; create them with "loadstone pki init", or set uplink.plainPort for plain MQTT on loopback`,
      );
    this.#usersFile = usersFileOf(config, this.#data);
    this.#users = new GatewayUsers(readUsers(this.#usersFile), time);
    this.#judge = isSecure ? new Judge({ standings: readStandings(this.#data), now: () => time.now() }) : undefined;
  }

  /** The constructor has checked everything but the ports. */
  async check(): Promise<void> {
    const { host, port, plainPort } = this.#parts.config.uplink;
    if (plainPort !== undefined) await assertOpens({ host: '127.0.0.1', port: plainPort, key: 'uplink.plainPort' });
    if (this.#judge !== undefined) await assertOpens({ host, port, key: 'uplink.port' });
  }

  async open(): Promise<RunningUplink> {
    const { config, logger, onFailure } = this.#parts;
    const { host, port, plainPort } = config.uplink;
    const enrolment = this.#judge === undefined ? undefined : enrolServerOf(this.#parts);
    const broker = new UplinkBroker({
      ...(plainPort === undefined ? {} : { port: plainPort }),
      ...(enrolment === undefined || this.#judge === undefined
        ? {}
        : {
            tls: { host, port, identity: await identityOf(this.#parts), onHttp: (socket) => enrolment.take(socket) },
            certificates: this.#judge,
          }),
      group: groupOf(this.#parts),
      users: this.#users,
      onRefused: (client, fault) => logger.warn({ client, code: fault.code }, fault.detail),
      onError: onFailure,
    });
    await broker.start();
    const followed = [
      this.#followUsers(broker),
      ...(this.#judge === undefined ? [] : [this.#follow(broker, this.#judge)]),
    ];
    const places = [
      ...(this.#judge === undefined ? [] : [`${host}:${broker.tlsPort} by TLS`]),
      ...(plainPort === undefined ? [] : [`127.0.0.1:${broker.port}`]),
    ];
    return {
      link: broker.link(),
      connected: () => broker.connected(),
      listens: () => broker.listens,
      places: places.join(' and '),
      stop: async () => {
        for (const each of followed) each.stop();
        enrolment?.stop();
        await broker.stop();
      },
    };
  }

  #followUsers(broker: UplinkBroker): UsersFile {
    const { logger, time, onUsersFault } = this.#parts;
    const followed = new UsersFile({
      file: this.#usersFile,
      time,
      onChange: (entries) => {
        const ended = this.#users.replace(entries);
        if (ended.length > 0)
          logger.info({ gateways: ended }, 'gateways removed or given another password: their sessions end');
        broker.end(ended);
      },
      onFault: (fault) => {
        if (fault !== null) logger.error({ code: fault.code }, fault.detail);
        onUsersFault(fault);
      },
    });
    followed.start();
    return followed;
  }

  #follow(broker: UplinkBroker, judge: Judge): AuthorityWatch {
    const { logger, time, onAct } = this.#parts;
    const followed = new AuthorityWatch({
      data: this.#data,
      time,
      onStandings: (standings) => {
        const revoked = judge.replace(standings);
        broker.end(revoked);
        for (const gateway of revoked) {
          logger.warn({ gateway }, 'revoked: its session ends');
          onAct({ who: 'pki', what: 'gateway.revoke', on: gateway });
        }
      },
      onAuthority: async () => broker.renew(await identityOf(this.#parts)),
      onTick: () => broker.endExpired(time.now()),
      onFault: (error) => logger.error({ err: error }, 'changes of the authority files cannot be watched'),
    });
    followed.start();
    return followed;
  }
}

/** The users file. Over TLS no passwords are needed, so an empty file is created if none is named. */
function usersFileOf({ uplink }: CloudConfig, data: string): string {
  if (uplink.usersFile !== '') return uplink.usersFile;
  const file = join(data, 'users.htpasswd');
  if (uplink.plainPort === undefined && hasAuthority(data) && !existsSync(file))
    writeFileSync(
      file,
      '# foreign nodes and their passwords: a line each, as "loadstone edge passwd NAME" prints it\n',
    );
  return file;
}
