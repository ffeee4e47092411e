import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { LedgerFile } from '../ingest/ledger-file.ts';
import { dataKinds } from '../retention/kinds.ts';
import {
  beginCopy,
  compareTable,
  copyTable,
  emptied,
  storedTables,
  tablesOf,
  wholeOf,
  type MovedTable,
  type Progress,
} from '../sql/move-tables.ts';
import type { Postgres } from '../sql/postgres.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { openFile } from '../telemetry/sqlite.ts';
import { inPostgres, joinTo, markOf, migrationOf, noteMigration, PLANNER, STATE, type Places } from './state.ts';
import { closeStores, makeStores, openStores } from './stores.ts';

export interface MigrateOptions {
  /** The data folder, which this process has locked. */
  readonly data: string;
  readonly postgres: Postgres;
  readonly copied: Progress;
  readonly compared: Progress;
}

export interface Migrated {
  readonly tables: number;
  readonly rows: number;
  /** Undefined: the ledger was moved before. */
  readonly gateways: number | undefined;
}

/** The tables that an earlier version left in the planner's file when it moved the rest; the model registry was moved already. */
const BULK = dataKinds
  .filter(({ file, name }) => file === PLANNER && name !== 'models')
  .flatMap(({ tables }): readonly string[] => tables);

/**
 * Moves the state of a stopped cloud from its data folder into PostgreSQL, or the rest of it if an earlier version moved a part. An
 * interrupted copy is resumed, unless the cloud has run since. The folder stays unchanged until every row and the ledger have been
 * compared; then it names the database, and its files are renamed to end in `.migrated`. Throws LS-STATE-002 if the database holds another
 * cloud's state, LS-STATE-004 if the two differ. Undefined: everything was moved before.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated | undefined> {
  const { data, postgres } = options;
  const found = await postgres.hold();
  const mark = markOf(data);
  if (mark !== undefined && mark.cloud !== found.id)
    throw new LoadstoneError(
      'LS-STATE-002',
      `${postgres.where} contains the state of another cloud, not that of ${data}`,
    );
  if (mark === undefined && found.state === 'whole')
    throw new LoadstoneError(
      'LS-STATE-002',
      `${postgres.where} contains the state of another cloud: name an empty database`,
    );
  const left = filesIn(data);
  if (mark !== undefined && left.length === 0) return undefined;

  const whole = inPostgres(postgres);
  const files = dataFiles(data);
  // A missing file must not be created again.
  const isThere = (name: string): boolean => mark === undefined || left.includes(name);
  await broughtUp(data, {
    state: isThere(STATE) ? files.state : whole.state,
    models: mark === undefined ? files.planner : whole.models,
    planner: isThere(PLANNER) ? files.planner : whole.planner,
  });
  await broughtUp(data, whole);
  let { id } = found;
  if (mark === undefined && migrationOf(data) !== id) {
    id = randomUUID();
    await beginCopy(wholeOf(postgres), id);
    noteMigration(data, id);
  } else if (mark?.isAll === false && migrationOf(data) !== id) {
    await wholeOf(postgres).transaction(() => emptied(BULK));
    noteMigration(data, id);
  }
  const moved = await moveTables(options, mark);
  // The copy mark must stay, so that the next start detects a database that was restored meanwhile.
  joinTo(data, postgres.where, { id, copy: mark === undefined ? found.copy : mark.copy });
  await postgres.mark('whole');
  for (const name of filesIn(data)) renameSync(join(data, name), join(data, `${name}.migrated`));
  return moved;
}

const filesIn = (data: string): string[] => [STATE, PLANNER].filter((name) => existsSync(join(data, name)));

/** `mark`: tables that the folder says are already in the database are not copied, only compared. */
async function moveTables(
  { data, postgres, copied, compared }: MigrateOptions,
  mark: ReturnType<typeof markOf>,
): Promise<Migrated> {
  const sql = wholeOf(postgres);
  const known = await storedTables(sql);
  const opened = filesIn(data).map((name) => ({ name, db: openFile(join(data, name), true) }));
  const tablesIn = (file: string): MovedTable[] =>
    opened.filter(({ name }) => name === file).flatMap(({ db }) => tablesOf(db));
  try {
    const [ofState, ofPlanner] = [tablesIn(STATE), tablesIn(PLANNER)];
    const bulk = mark === undefined ? ofPlanner : ofPlanner.filter(({ name }) => BULK.includes(name));
    const tables = [...ofState, ...bulk];
    const strange = tables.find(({ name }) => !known.has(name));
    if (strange !== undefined)
      throw new LoadstoneError(
        'LS-STATE-004',
        `the data folder has a table ${strange.name}, which this version does not know`,
      );
    for (const table of mark === undefined ? tables : mark.isAll ? [] : bulk) await copyTable(table, sql, copied);
    let rows = 0;
    for (const table of tables) rows += await compareTable(table, sql, compared);
    const gateways = ofState.length === 0 ? undefined : await sameLedger(join(data, STATE), postgres);
    return { tables: tables.length, rows, gateways };
  } finally {
    for (const { db } of opened) db.close();
  }
}

/** Migrates the tables of all stores to the newest step. */
async function broughtUp(data: string, places: Places): Promise<void> {
  const stores = makeStores(data, places, () => undefined);
  const people = new SqlitePeopleStore(places.state);
  try {
    await openStores(stores);
    people.open();
    await people.opened();
  } finally {
    closeStores(stores);
    people.close();
  }
}

/** Compares the ledgers and returns the number of gateways; throws LS-STATE-004 if they differ. */
async function sameLedger(file: string, postgres: Postgres): Promise<number> {
  const [source, copy] = [new LedgerFile(file), new LedgerFile(postgres)];
  for (const each of [source, copy]) each.open();
  try {
    const ledger = await source.load();
    if (!isDeepStrictEqual(ledger, await copy.load()))
      throw new LoadstoneError('LS-STATE-004', 'the ledger in PostgreSQL differs from that of the data folder');
    return new Set(ledger.runs.map(({ gateway }) => gateway)).size;
  } finally {
    for (const each of [source, copy]) each.close();
  }
}
