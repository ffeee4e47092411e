import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { isPlannerLeft, markOf, PLANNER, STATE } from '../compose/state.ts';
import { dataKinds, type DataKind } from '../retention/kinds.ts';
import { sizesIn, type KindSize, type Sizes } from '../retention/sizes.ts';
import { isStoreAway } from '../telemetry/store-away.ts';
import { postgresOptions, type PostgresConfig } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { configOf, openFolder } from './data-folder.ts';

const HELP = `usage: loadstone cloud data [--config FILE] [--data DIR] [--json]

Shows each kind of data that the cloud stores: its size, growth per day and retention. The cloud may be running.
Growth is the size divided by the time span of the data. A kind that has reached its retention stops growing.

  --config FILE   configuration of the cloud
  --data DIR      data folder of the cloud (./.loadstone/cloud)
  --json          prints one JSON object
  --help          this text

examples:
  loadstone cloud data --data /var/lib/loadstone-cloud
  loadstone cloud data --json | jq '.kinds[] | select(.bytes > 1e9)'

exit codes: 0 shown, 1 the folder cannot be read, 2 usage, or not a data folder
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    config: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  const config = configOf(values.config, values.data);
  const opened = openFolder(config);
  try {
    const { folder, isRunning } = opened;
    const isAway = config.telemetry.kind === 'influxdb';
    const { where, fault, tables } = await inPostgres(config.state.postgres);
    const moved = movedOf(folder);
    const sizes = withTables(
      sizesIn(folder, (name) => opened.open(name)),
      moved,
      tables,
    );
    const kinds = sizes.kinds.map((each) => {
      // The size in a database that does not answer is unknown.
      if (moved.has(each.kind)) return { ...shown(each), ...(fault !== null && nothing), file: 'PostgreSQL' };
      return isAway && each.kind.file === 'telemetry.sqlite' ? inInflux(each) : shown(each);
    });
    const facts = {
      folder,
      isRunning,
      store: config.telemetry.kind,
      postgres: where === undefined ? undefined : { where, fault },
      ...totals(sizes),
      kinds,
    };
    process.stdout.write(values.json ? `${JSON.stringify(facts)}\n` : table(facts));
    return 0;
  } finally {
    opened.close();
  }
}

interface InPostgres {
  /** Undefined: the state is in the folder. */
  readonly where?: string;
  /** Why it does not answer; null: it does. */
  readonly fault: string | null;
  /** Bytes of each table, including its indexes. */
  readonly tables: ReadonlyMap<string, number>;
}

async function inPostgres(config: PostgresConfig | undefined): Promise<InPostgres> {
  if (config === undefined) return { fault: null, tables: new Map() };
  const postgres = new Postgres({ ...postgresOptions(config), isReader: true });
  const { where } = postgres;
  try {
    const rows = await postgres.look(
      `SELECT relname AS name, pg_total_relation_size(oid) AS bytes
         FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(current_schema())`,
    );
    return { where, fault: null, tables: new Map(rows.map(({ name, bytes }) => [String(name), Number(bytes)])) };
  } catch (error) {
    if (!isStoreAway(error)) throw error;
    return { where, fault: error.message, tables: new Map() };
  } finally {
    await postgres.close();
  }
}

/** The kinds that the folder says are in PostgreSQL. */
function movedOf(folder: string): ReadonlySet<DataKind> {
  if (markOf(folder) === undefined) return new Set();
  const files: readonly string[] = isPlannerLeft(folder) ? [STATE] : [STATE, PLANNER];
  return new Set(dataKinds.filter(({ file, name }) => files.includes(file) || name === 'models'));
}

/** Replaces the size of a moved kind with that of its tables in PostgreSQL. */
function withTables(
  { kinds, freeBytes }: Sizes,
  moved: ReadonlySet<DataKind>,
  tables: ReadonlyMap<string, number>,
): Sizes {
  const sized = kinds.map((each) => {
    if (!moved.has(each.kind)) return each;
    const bytes = each.kind.tables.reduce((sum, name) => sum + (tables.get(name) ?? 0), 0);
    return { kind: each.kind, bytes, bytesPerDay: null };
  });
  return { kinds: sized, freeBytes };
}

/** A kind as it is shown; JSON has the same fields. */
interface Shown {
  readonly name: string;
  readonly file: string;
  readonly bytes: number | null;
  readonly bytesPerDay: number | null;
  readonly keptDays: number | null;
  readonly mostRows: number | null;
  readonly keeps: string;
}

function shown({ kind, bytes, bytesPerDay }: KindSize): Shown {
  const { name, file, keptDays, most, keeps } = kind;
  return { name, file, bytes: bytes ?? 0, bytesPerDay, keptDays, mostRows: most, keeps };
}

const inInflux = ({ kind: { name } }: KindSize): Shown => ({
  ...nothing,
  name,
  file: 'InfluxDB',
  keeps: 'by the retention of its bucket',
});

const nothing = { bytes: null, bytesPerDay: null, keptDays: null, mostRows: null };

function totals({ kinds, freeBytes }: Sizes): { readonly bytes: number; readonly freeBytes: number } {
  return { bytes: freeBytes + kinds.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0), freeBytes };
}

interface Facts {
  readonly folder: string;
  readonly isRunning: boolean;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly postgres?: { readonly where: string; readonly fault: string | null } | undefined;
  readonly kinds: readonly Shown[];
}

function table({ folder, isRunning, bytes, freeBytes, postgres, kinds }: Facts): string {
  const rows = [
    ['kind', 'size', 'per day', 'kept'],
    ...kinds.map((each) => [each.name, size(each.bytes), size(each.bytesPerDay), kept(each)]),
    ['free and logs', size(freeBytes), '-', 'reused'],
    ['total', size(bytes), '-', ''],
  ];
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]!.length));
  const lines = rows.map(([name, all, day, how]) =>
    `${name!.padEnd(width(0))}  ${all!.padStart(width(1))}  ${day!.padStart(width(2))}  ${how!}`.trimEnd(),
  );
  const state = postgres === undefined ? '' : `${postgres.fault ?? `${postgres.where} answers`}\n`;
  return `${folder}, the cloud ${isRunning ? 'runs' : 'is stopped'}\n${state}\n${lines.join('\n')}\n`;
}

function kept({ keptDays, mostRows, keeps }: Shown): string {
  const days = keptDays === null ? [] : [keptDays === 1 ? '1 day' : `${keptDays} days`];
  const rows = mostRows === null ? [] : [`at most ${mostRows.toLocaleString('en-GB')} rows`];
  return [...days, ...rows, keeps].join(', ');
}

function size(bytes: number | null): string {
  if (bytes === null) return '-';
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
