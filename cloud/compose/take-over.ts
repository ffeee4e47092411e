import type { Logger } from 'pino';
import { readNamed } from '../../shared/files/named-file.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { ServiceManager } from '../../shared/service/service-manager.ts';
import type { Watchdog } from '../../shared/service/watchdog.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { hasKeys, SharedKeys } from '../backup/shared-keys.ts';
import type { CloudConfig } from '../config.ts';
import { placeAt } from '../ingest/rabbitmq/check-broker.ts';
import { rabbitAddress } from '../ingest/rabbitmq/rabbitmq-config.ts';
import { hasAuthority, pkiFiles, readPki } from '../pki/authority-files.ts';
import { postgresOptions } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { readTls, tlsFilesOf } from './api-door.ts';
import type { PlainDoor } from './plain-door.ts';
import { openStandbyDoor } from './standby-door.ts';
import { untilFree, type Place, type Wait } from './stand-by.ts';
import { assertOf, joinTo, markOf, openPlaces, type OpenedPlaces } from './state.ts';
import { identityOf } from './uplink-door.ts';

export interface TakeOverParts {
  readonly config: CloudConfig;
  readonly data: string;
  readonly time: TimeBase;
  readonly logger: Logger;
  readonly onLost: (why: LoadstoneError) => void;
  /** True while this cloud does its work; otherwise it stops reporting that it is alive. */
  readonly isWell: () => boolean;
  /** The service manager; absent: none watches this process. */
  readonly manager: ServiceManager | undefined;
  readonly watchdog: Watchdog | undefined;
}

/**
 * Opens the places of a cloud's state. With `standby` it first waits while another cloud holds the same database; page and API, the log and
 * the service manager report that meanwhile.
 */
export async function placesWhenFree(parts: TakeOverParts): Promise<OpenedPlaces> {
  const { config, data, time, logger, onLost, isWell, manager } = parts;
  const { standby, state } = config;
  let logged: string | undefined;
  const onFault = (error: unknown): void => {
    if (logged !== String(error)) logger.error({ err: error }, 'keys cannot be shared with the standby');
    logged = String(error);
  };
  const options = { time, onLost, isWell, onFault };
  if (standby === undefined || state.postgres === undefined) return openPlaces(data, state.postgres, options);
  const keys = new SharedKeys(data, passphraseIn(standby.passphraseFile));
  const postgres = new Postgres({ ...postgresOptions(state.postgres), isReader: true, role: 'standby' }, time);
  const waiting = new Waiting(parts);
  try {
    await postgres.reached();
    const hindrance = (): Promise<string | undefined> =>
      joined(data, postgres, {
        keys,
        onRevoked: (gateways) =>
          logger.error(
            { gateways },
            'revoked on this machine, but not at the active cloud: run "loadstone pki revoke" there too',
          ),
      });
    // Faults in files or rights show at the start, not at the takeover.
    await hindrance();
    const place = placeOf(config, data);
    await place?.();
    for (;;) {
      const free = await untilFree({
        time,
        succession: () => postgres.succession(),
        place,
        hindrance,
        onWait: (wait) => waiting.on(wait),
      });
      try {
        const places = await openPlaces(data, state.postgres, { ...options, ...free, keys });
        const { term } = places.postgres!.standing;
        logger.info(
          { term, ...free },
          free.over === undefined ? 'this cloud is active' : 'this cloud has taken over from a silent one',
        );
        manager?.notify('STATUS=active');
        return places;
      } catch (error) {
        if (!(error instanceof LoadstoneError) || error.code !== 'LS-STATE-003') throw error;
      }
    }
  } finally {
    await waiting.end();
    await postgres.close();
  }
}

const LEAST = 12;

function passphraseIn(file: string): string {
  const key = 'standby.passphraseFile';
  const passphrase = readNamed(key, file).split(/\r?\n/)[0]!;
  if (passphrase.length >= LEAST) return passphrase;
  throw new LoadstoneError(
    'LS-CONFIG-002',
    `${key}: the passphrase in ${file} has ${passphrase.length} characters; it needs at least ${LEAST}`,
  );
}

/**
 * Throws if another cloud took this one's place while it was frozen, which keeps it away from the broker. A database that does not answer
 * is no reason to stay away.
 */
export async function assertHeld({ postgres }: OpenedPlaces): Promise<void> {
  await postgres?.check().catch((error: unknown) => {
    if (!(error instanceof LoadstoneError) || error.code !== 'LS-STORE-001') throw error;
  });
}

/** Stores the keys shared by the active cloud in the folder. Returns why this cloud could not take over. */
async function joined(
  data: string,
  postgres: Postgres,
  { keys, onRevoked }: { readonly keys: SharedKeys; readonly onRevoked: (gateways: readonly string[]) => void },
): Promise<string | undefined> {
  const found = await postgres.beside();
  const mark = markOf(data);
  if (found === undefined || (found.state === 'new' && mark === undefined)) return undefined;
  if (mark !== undefined) assertOf(data, postgres.where, { mark, found });
  else if (found.shared === undefined) return 'the active cloud shares no keys: set standby.passphraseFile there too';
  else if (hasKeys(data))
    throw new LoadstoneError(
      'LS-STANDBY-002',
      `${data} has its own keys or authority, which the gateways of the other cloud do not know: name an empty folder, which gets those of the other cloud`,
    );
  // First: a folder with keys that names no database would be treated as one of another cloud.
  if (mark === undefined) joinTo(data, postgres.where, found);
  const revoked = found.shared === undefined ? [] : keys.take(found.shared);
  if (revoked.length > 0) onRevoked(revoked);
  return undefined;
}

function placeOf({ uplink: { rabbitmq } }: CloudConfig, data: string): (() => Promise<Place>) | undefined {
  if (rabbitmq === undefined) return undefined;
  const address = (): ReturnType<typeof rabbitAddress> => rabbitAddress(rabbitmq, () => readPki(pkiFiles(data).roots));
  // Without an authority no cloud was ever active; the start reports what to do.
  return async () => (hasAuthority(data) ? placeAt(address()) : 'free');
}

/** Reports to the outside that this cloud stands by. */
class Waiting {
  readonly #parts: TakeOverParts;
  #wait: Wait | undefined;
  #door: Promise<PlainDoor | undefined> | undefined;

  constructor(parts: TakeOverParts) {
    this.#parts = parts;
  }

  on(wait: Wait): void {
    const { logger, manager, watchdog } = this.#parts;
    this.#wait = wait;
    logger[wait.kind === 'held' ? 'info' : 'error'](`stands by: ${wait.why}`);
    this.#door ??= this.#open().catch((error: unknown) => {
      logger.error({ err: error }, 'cannot report the standby at the port of the page and the API');
      // Retried at the next change: its certificate may come with the keys.
      this.#door = undefined;
      return undefined;
    });
    watchdog?.start();
    // A line break would start another assignment for the manager.
    manager?.notify(`STATUS=stands by: ${wait.why.replaceAll(/\s+/g, ' ')}`);
  }

  async end(): Promise<void> {
    await (await this.#door)?.close();
  }

  async #open(): Promise<PlainDoor> {
    const { config, data, time, logger } = this.#parts;
    const { host, port } = config.api;
    const files = tlsFilesOf(config.api, data);
    if (files?.certFile === pkiFiles(data).server) await identityOf({ config, time });
    const tls = files === undefined ? undefined : readTls(files);
    const door = await openStandbyDoor({
      host,
      port,
      tls,
      standing: () => ({ ok: this.#wait?.kind === 'held', why: this.#wait?.why ?? '' }),
    });
    logger.info({ port: door.port }, 'GET /health reports that this cloud is a standby');
    return door;
  }
}
