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

/** Where the stores' tables stand. */
export interface Places {
  /** Accounts, people, acts, documents. */
  readonly state: SqlPlace;
  /** The registry of models; absent: beside what the planner's file holds. */
  readonly models?: SqlPlace;
  /** What comes in bulk: forecasts, moments, and what planners bring. */
  readonly planner: SqlPlace;
}

export interface OpenedPlaces extends Places {
  /** The database that this process holds; absent: the state is in the folder. */
  readonly postgres?: Postgres;
  /**
   * The database was put back from a copy since this folder knew it, moved, or a standby took over: what it lacks nobody can say.
   * `known` has the folder take it for its own.
   */
  readonly putBack?: { known(): void };
  /** The file that still holds what comes in bulk, as an earlier version left it there when it moved the rest. */
  readonly left?: string;
  /** Shares keys that have changed with a cloud that stands by; absent: nobody does. */
  readonly share?: (() => Promise<void>) | undefined;
  close(): Promise<void>;
}

export interface PlaceOptions {
  /** Of the machine; absent: it is a command, and nobody waits for it to say that it is there. */
  readonly time?: TimeBase;
  /** As for `Postgres.hold`. */
  readonly onLost?: (why: LoadstoneError) => void;
  /** As for `Postgres.hold`. */
  readonly over?: number;
  /** Whether the cloud does its work: else it does not say that it is there. */
  readonly isWell?: () => boolean;
  /** What is shared with a cloud that stands by. */
  readonly keys?: SharedKeys;
  readonly onFault?: (error: unknown) => void;
}

/** Names the cloud whose state is in PostgreSQL. */
const MARK = 'postgres.json';
/** Names the cloud that a copy which is not whole is to be. */
const MIGRATION = 'migrating.json';
export const STATE = 'state.sqlite';
export const PLANNER = 'planner.sqlite';
/** SQLite files that are no part of the state: the points, and the lock. */
const OTHERS = ['telemetry.sqlite', ...lockFiles];

/**
 * Where a cloud's state stands: in its data folder, or in the PostgreSQL of the configuration, which this process then holds. Folder and
 * database name each other, so neither is ever taken for that of another cloud, nor an empty one for it. Throws LS-STATE-002 where they
 * do not belong together, and as `Postgres.hold` does. `data`: the folder, which this process has locked.
 */
export async function openPlaces(
  data: string,
  config: PostgresConfig | undefined,
  options: PlaceOptions = {},
): Promise<OpenedPlaces> {
  assertNamed(data, config);
  if (config === undefined) {
    // What was copied of this state is not that of tomorrow.
    rmSync(join(data, MIGRATION), { force: true });
    return { ...dataFiles(data), close: async () => undefined };
  }
  const mark = markOf(data);
  const left = isPlannerLeft(data) ? join(data, PLANNER) : undefined;
  const other = filesOf(data, left === undefined ? OTHERS : [...OTHERS, PLANNER]);
  if (other !== undefined)
    throw elsewhere(
      `${other} holds state of this cloud, and state.postgres names a database: "loadstone cloud migrate" moves it there${mark === undefined ? '; to go on without, leave state.postgres out' : ''}`,
    );
  const { time, onLost, over, keys } = options;
  if (left !== undefined && keys !== undefined)
    throw elsewhere(
      `${left} still holds what comes in bulk, and with "standby" another machine goes on without it: "loadstone cloud migrate" moves it first`,
    );
  // What was copied of that file is not what it holds tomorrow.
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

/** Whether what comes in bulk is still in the file where an earlier version left it when it moved the rest. */
export const isPlannerLeft = (data: string): boolean =>
  markOf(data)?.isAll === false && existsSync(join(data, PLANNER));

const SHARES_EACH_MS = 2000;

/** From the start on, so that a cloud whose start is slow is not taken for one that has gone. */
function timersOf(
  postgres: Postgres,
  time: TimeBase,
  { isWell = () => true, share, onFault = () => undefined }: PlaceOptions & Pick<OpenedPlaces, 'share'>,
): readonly Timer[] {
  const says = every(time, SAYS_EACH_S * 1000, async () => {
    // What fails is told by whoever watches over the database.
    if (isWell()) await postgres.renew().catch(() => undefined);
  });
  return share === undefined ? [says] : [says, every(time, SHARES_EACH_MS, () => share().catch(onFault))];
}

/** At the first start folder and database get to know each other: the database is whole only when the folder names it. */
async function assertOurs(
  postgres: Postgres,
  data: string,
  { mark, found }: { readonly mark: Mark | undefined; readonly found: CloudRecord },
): Promise<void> {
  const { where } = postgres;
  if (mark === undefined) {
    if (found.state === 'migrating')
      throw elsewhere(`${where} holds a copy that is not whole: "loadstone cloud migrate" goes on with it`);
    if (found.state === 'whole')
      throw elsewhere(
        `${where} holds the state of another cloud, and ${data} is new: name the data folder that belongs to it, or another database`,
      );
    joinTo(data, where, found);
    return postgres.mark('whole');
  }
  assertOf(data, where, { mark, found });
  if (found.state !== 'whole' && found.copy !== mark.copy)
    throw elsewhere(
      `${where} was put back from a copy that was made before all of ${data} was in it: put back a later one`,
    );
  if (found.state !== 'whole') await postgres.mark('whole');
}

/** Throws LS-STATE-002 where the database is of another cloud than the folder. */
export function assertOf(
  data: string,
  where: string,
  { mark, found }: { readonly mark: Mark; readonly found: Pick<CloudRecord, 'id' | 'state'> },
): void {
  if (found.id === mark.cloud) return;
  throw elsewhere(
    `${data} belongs to another database than ${where}, which holds ${found.state === 'new' ? 'nothing' : 'the state of another cloud'}: name that one, or restore it`,
  );
}

/** The folder names the cloud of its database from here on. `all`: what comes in bulk is there too. */
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

/** The cloud that a copy of this folder is to be, where one was begun. */
export const migrationOf = (data: string): string | undefined => markIn(join(data, MIGRATION))?.cloud;

/** Whether a folder is that of a cloud that has run. */
export const isCloudFolder = (data: string): boolean => existsSync(join(data, STATE)) || existsSync(join(data, MARK));

/** Throws LS-STATE-002 where the state is in a PostgreSQL that the configuration does not name. */
export function assertNamed(data: string, config: PostgresConfig | undefined): void {
  if (config === undefined && existsSync(join(data, MARK)))
    throw elsewhere(
      `${join(data, MARK)} says that the state of this cloud is in PostgreSQL: state.postgres has to name it`,
    );
}

/** The cloud whose state is in PostgreSQL; undefined: the folder has its own. */
export const markOf = (data: string): Mark | undefined => markIn(join(data, MARK));

interface Mark {
  readonly cloud: string;
  /** As `CloudRecord.copy` was. */
  readonly copy?: unknown;
  /** What comes in bulk is there too. */
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
    // As one that names nothing.
  }
  throw elsewhere(`${file} names no cloud: put it back from a backup`);
}

/** The first SQLite file but those named. */
function filesOf(data: string, others: readonly string[]): string | undefined {
  const found = readdirSync(data).find((name) => name.endsWith('.sqlite') && !others.includes(name));
  return found === undefined ? undefined : join(data, found);
}

const elsewhere = (detail: string): LoadstoneError => new LoadstoneError('LS-STATE-002', detail);
