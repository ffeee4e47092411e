import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../../shared/files/private-files.ts';
import { lockFiles } from '../../shared/lock/folder-lock.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { SharedKeys } from '../backup/shared-keys.ts';
import { postgresOptions, type PostgresConfig } from '../sql/postgres-config.ts';
import { SAYS_EACH_S, type CloudRecord } from '../sql/postgres-hold.ts';
import { Postgres } from '../sql/postgres.ts';
import type { SqlPlace } from '../sql/sql-store.ts';
import { dataFiles } from '../telemetry/data-files.ts';

/** Where the stores' tables are. */
export interface Places {
  /** Accounts, people, acts, documents. */
  readonly state: SqlPlace;
  /** The model registry; absent: with the planner's tables. */
  readonly models?: SqlPlace;
  /** Bulk data: forecasts, moments, and what planners upload. */
  readonly planner: SqlPlace;
}

export interface OpenedPlaces extends Places {
  /** The database that this process holds; absent: the state is in the folder. */
  readonly postgres?: Postgres;
  /**
   * Set if the database was restored from a copy, moved, or taken over by a standby since this folder last used it: no one can tell what it
   * lacks. `known` records it as the folder's own.
   */
  readonly putBack?: { known(): void };
  /** The planner's file, if an earlier version left the bulk data there when it moved the rest. */
  readonly left?: string;
  /** Shares changed keys with a standby; absent: there is none. */
  readonly share?: (() => Promise<void>) | undefined;
  close(): Promise<void>;
}

export interface PlaceOptions {
  /** Machine time; absent: a command, which need not report that it is alive. */
  readonly time?: TimeBase;
  /** As in `Postgres.hold`. */
  readonly onLost?: (why: LoadstoneError) => void;
  /** As in `Postgres.hold`. */
  readonly over?: number;
  /** True while the cloud does its work; otherwise it stops reporting that it is alive. */
  readonly isWell?: () => boolean;
  /** Keys shared with a standby. */
  readonly keys?: SharedKeys;
  readonly onFault?: (error: unknown) => void;
}

/** Names the cloud whose state is in PostgreSQL. */
const MARK = 'postgres.json';
/** Names the cloud of a copy that is not complete. */
const MIGRATION = 'migrating.json';
export const STATE = 'state.sqlite';
export const PLANNER = 'planner.sqlite';
/** SQLite files that are not part of the state: the points, and the lock. */
const OTHERS = ['telemetry.sqlite', ...lockFiles];

/**
 * Opens a cloud's state: in its data folder, or in the configured PostgreSQL, which this process then holds. Folder and database name each
 * other, so that one of another cloud, or an empty one, is never used by mistake. Throws LS-STATE-002 if they do not belong together, and
 * as `Postgres.hold` does. `data`: the folder, which this process has locked.
 */
export async function openPlaces(
  data: string,
  config: PostgresConfig | undefined,
  options: PlaceOptions = {},
): Promise<OpenedPlaces> {
  assertNamed(data, config);
  if (config === undefined) {
    // An unfinished copy is void, because this state will change.
    rmSync(join(data, MIGRATION), { force: true });
    return { ...dataFiles(data), close: async () => undefined };
  }
  const mark = markOf(data);
  const left = isPlannerLeft(data) ? join(data, PLANNER) : undefined;
  const other = filesOf(data, left === undefined ? OTHERS : [...OTHERS, PLANNER]);
  if (other !== undefined)
    throw elsewhere(
      `${other} contains state of this cloud, but state.postgres names a database: move it there with "loadstone cloud migrate"${mark === undefined ? ', or remove state.postgres to continue without' : ''}`,
    );
  const { time, onLost, over, keys } = options;
  if (left !== undefined && keys !== undefined)
    throw elsewhere(
      `${left} still contains forecasts, scenarios, uploads and more, which a standby on another machine would lack: move them first with "loadstone cloud migrate"`,
    );
  // An unfinished copy of that file is void, because it will change.
  if (left !== undefined) rmSync(join(data, MIGRATION), { force: true });
  const postgres = new Postgres(postgresOptions(config), time);
  let found: CloudRecord;
  try {
    found = await postgres.hold(onLost, over);
    await assertOurs(postgres, data, { mark, found });
    const shared = keys === undefined ? undefined : (await postgres.beside())?.shared;
    if (shared !== undefined) keys!.take(shared);
  } catch (error) {
    await postgres.close();
    throw error;
  }
  const share = keys === undefined ? undefined : () => keys.tell((shared) => postgres.share(shared));
  const timers = time === undefined ? [] : timersOf(postgres, time, { ...options, share });
  const places = {
    ...(left === undefined
      ? inPostgres(postgres)
      : { ...inPostgres(postgres), planner: dataFiles(data).planner, left }),
    postgres,
    share,
    close: async () => {
      for (const each of timers) each.cancel();
      await postgres.close();
    },
  };
  const known = (): void => joinTo(data, postgres.where, found, left === undefined);
  if (mark !== undefined && mark.copy !== found.copy) return { ...places, putBack: { known } };
  if (mark?.isAll === false && left === undefined) known();
  return places;
}

/** All of it in a database. */
export const inPostgres = (postgres: Postgres): Required<Places> => ({
  state: postgres,
  models: postgres.bulk,
  planner: postgres.bulk,
});

/** True if the bulk data is still in the file where an earlier version left it. */
export const isPlannerLeft = (data: string): boolean =>
  markOf(data)?.isAll === false && existsSync(join(data, PLANNER));

const SHARES_EACH_MS = 2000;

/** Run from the start, so that a cloud that starts slowly is not considered gone. */
function timersOf(
  postgres: Postgres,
  time: TimeBase,
  { isWell = () => true, share, onFault = () => undefined }: PlaceOptions & Pick<OpenedPlaces, 'share'>,
): readonly Timer[] {
  const says = every(time, SAYS_EACH_S * 1000, async () => {
    // Failures are reported by the database's watch.
    if (isWell()) await postgres.renew().catch(() => undefined);
  });
  return share === undefined ? [says] : [says, every(time, SHARES_EACH_MS, () => share().catch(onFault))];
}

/** At the first start folder and database are joined: the database is marked whole only after the folder names it. */
async function assertOurs(
  postgres: Postgres,
  data: string,
  { mark, found }: { readonly mark: Mark | undefined; readonly found: CloudRecord },
): Promise<void> {
  const { where } = postgres;
  if (mark === undefined) {
    if (found.state === 'migrating')
      throw elsewhere(`${where} contains an incomplete copy: resume it with "loadstone cloud migrate"`);
    if (found.state === 'whole')
      throw elsewhere(
        `${where} contains the state of another cloud, and ${data} is new: name the data folder that belongs to it, or another database`,
      );
    joinTo(data, where, found);
    return postgres.mark('whole');
  }
  assertOf(data, where, { mark, found });
  if (found.state !== 'whole' && found.copy !== mark.copy)
    throw elsewhere(`${where} was restored from a copy made before all of ${data} was in it: restore a later one`);
  if (found.state !== 'whole') await postgres.mark('whole');
}

/** Throws LS-STATE-002 if the database belongs to another cloud than the folder. */
export function assertOf(
  data: string,
  where: string,
  { mark, found }: { readonly mark: Mark; readonly found: Pick<CloudRecord, 'id' | 'state'> },
): void {
  if (found.id === mark.cloud) return;
  throw elsewhere(
    `${data} belongs to another database than ${where}, which contains ${found.state === 'new' ? 'nothing' : 'the state of another cloud'}: name the right database, or restore it`,
  );
}

/** Makes the folder name the cloud of its database. `all`: the bulk data is there too. */
export function joinTo(
  data: string,
  where: string,
  { id, copy }: { readonly id: string; readonly copy: unknown },
  all = true,
): void {
  writePrivate(join(data, MARK), `${JSON.stringify({ cloud: id, where, copy, all })}\n`);
  rmSync(join(data, MIGRATION), { force: true });
}

export const noteMigration = (data: string, id: string): void =>
  writePrivate(join(data, MIGRATION), `${JSON.stringify({ cloud: id })}\n`);

/** The cloud of an unfinished copy of this folder; undefined: none. */
export const migrationOf = (data: string): string | undefined => markIn(join(data, MIGRATION))?.cloud;

/** True if a cloud has run in this folder. */
export const isCloudFolder = (data: string): boolean => existsSync(join(data, STATE)) || existsSync(join(data, MARK));

/** Throws LS-STATE-002 if the state is in a PostgreSQL that the configuration does not name. */
export function assertNamed(data: string, config: PostgresConfig | undefined): void {
  if (config === undefined && existsSync(join(data, MARK)))
    throw elsewhere(
      `${join(data, MARK)} says that the state of this cloud is in PostgreSQL: name it in state.postgres`,
    );
}

/** The cloud whose state is in PostgreSQL; undefined: the state is in the folder. */
export const markOf = (data: string): Mark | undefined => markIn(join(data, MARK));

interface Mark {
  readonly cloud: string;
  /** `CloudRecord.copy` at that time. */
  readonly copy?: unknown;
  /** The bulk data is there too. */
  readonly isAll: boolean;
}

function markIn(file: string): Mark | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { cloud, copy, all } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly cloud?: unknown;
      readonly copy?: unknown;
      readonly all?: unknown;
    };
    if (typeof cloud === 'string') return { cloud, copy, isAll: all === true };
  } catch {
    // Treated like a mark without a cloud.
  }
  throw elsewhere(`${file} names no cloud: restore it from a backup`);
}

/** The first SQLite file other than those named. */
function filesOf(data: string, others: readonly string[]): string | undefined {
  const found = readdirSync(data).find((name) => name.endsWith('.sqlite') && !others.includes(name));
  return found === undefined ? undefined : join(data, found);
}

const elsewhere = (detail: string): LoadstoneError => new LoadstoneError('LS-STATE-002', detail);
