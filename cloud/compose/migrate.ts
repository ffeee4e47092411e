import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { LedgerFile } from '../ingest/ledger-file.ts';
import {
  beginCopy,
  compareTable,
  copyTable,
  storedTables,
  tablesOf,
  wholeOf,
  type Progress,
} from '../sql/move-tables.ts';
import type { Postgres } from '../sql/postgres.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { openFile } from '../telemetry/sqlite.ts';
import { joinTo, markOf, migrationOf, noteMigration, type Places } from './state.ts';
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
  readonly gateways: number;
}

/**
 * Moves the state of a stopped cloud from its data folder into PostgreSQL. What was copied before is kept, unless the cloud has run since.
 * The folder is as it was until each row and the ledger are found to be the same on both sides. Then it names the database, and
 * `state.sqlite` becomes `state.sqlite.migrated`. Throws LS-STATE-002 where the database holds the state of a cloud, LS-STATE-004 where
 * the two differ. Undefined: it was moved before.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated | undefined> {
  const { data, postgres } = options;
  const state = join(data, 'state.sqlite');
  const found = await postgres.hold();
  const mark = markOf(data)?.cloud;
  if (mark !== undefined && mark !== found.id)
    throw new LoadstoneError('LS-STATE-002', `${postgres.where} holds the state of another cloud than ${data}`);
  if (mark !== undefined && !existsSync(state)) return undefined;
  if (mark === undefined && found.state === 'whole')
    throw new LoadstoneError(
      'LS-STATE-002',
      `${postgres.where} holds the state of another cloud: name an empty database`,
    );

  const files = dataFiles(data);
  await broughtUp(data, files);
  await broughtUp(data, { state: postgres, models: postgres, planner: files.planner });
  let id = mark ?? migrationOf(data);
  if (id !== found.id) {
    id = randomUUID();
    await beginCopy(wholeOf(postgres), id);
    noteMigration(data, id);
  }
  const moved = await moveTables(options);
  joinTo(data, postgres.where, { id, copy: found.copy });
  await postgres.mark('whole');
  renameSync(state, `${state}.migrated`);
  return moved;
}

async function moveTables({ data, postgres, copied, compared }: MigrateOptions): Promise<Migrated> {
  const sql = wholeOf(postgres);
  const known = await storedTables(sql);
  const opened = ['state.sqlite', 'planner.sqlite'].map((name) => openFile(join(data, name), true));
  try {
    const [ofState = [], ofPlanner = []] = opened.map(tablesOf);
    const strange = ofState.find(({ name }) => !known.has(name));
    if (strange !== undefined)
      throw new LoadstoneError(
        'LS-STATE-004',
        `state.sqlite has a table ${strange.name}, which this version does not know`,
      );
    // Of the planner's file only what has a place there.
    const tables = [...ofState, ...ofPlanner.filter(({ name }) => known.has(name))];
    for (const table of tables) await copyTable(table, sql, copied);
    let rows = 0;
    for (const table of tables) rows += await compareTable(table, sql, compared);
    return { tables: tables.length, rows, gateways: await sameLedger(join(data, 'state.sqlite'), postgres) };
  } finally {
    for (const db of opened) db.close();
  }
}

/** All stores have taken the newest step of their tables. */
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

/** Throws LS-STATE-004 where the ledgers are not the same; answers of how many gateways they are. */
async function sameLedger(file: string, postgres: Postgres): Promise<number> {
  const [kept, copy] = [new LedgerFile(file), new LedgerFile(postgres)];
  for (const each of [kept, copy]) each.open();
  try {
    const ledger = await kept.load();
    if (!isDeepStrictEqual(ledger, await copy.load()))
      throw new LoadstoneError('LS-STATE-004', 'the ledger in PostgreSQL is not that of the data folder');
    return new Set(ledger.runs.map(({ gateway }) => gateway)).size;
  } finally {
    for (const each of [kept, copy]) each.close();
  }
}
