import { resolve } from 'node:path';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { writeForOneself } from '../../shared/files/private-files.ts';
import { lockFolder } from '../../shared/lock/folder-lock.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { migrate } from '../compose/migrate.ts';
import { isCloudFolder } from '../compose/state.ts';
import { postgresOptions } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { configOf, machineNow } from './data-folder.ts';

const HELP = `usage: loadstone cloud migrate --config FILE [--data DIR]

Moves the state of a stopped cloud from its data folder into the PostgreSQL database of state.postgres: ledger, events, alarms,
documents, users, acts, jobs, models, forecasts and the data of planners. Each row is compared with its copy, and the ledger as a whole,
before the folder switches to the database. state.sqlite and planner.sqlite are then renamed to end in .migrated. An interrupted
migration resumes. If the cloud is started in between, it runs as before, and the next migration starts over. If an earlier version
migrated the cloud, this moves the remaining planner.sqlite.

  --config FILE   configuration of the cloud, with state.postgres
  --data DIR      data folder of the cloud (./.loadstone/cloud)
  --help          this text

examples:
  loadstone cloud migrate --config /etc/loadstone/cloud.yaml

exit codes: 0 migrated, 1 failed, 2 configuration or usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    config: { type: 'string' },
    data: { type: 'string' },
  });
  if (values.help) return writeHelp(HELP);
  writeForOneself();
  const config = configOf(values.config, values.data);
  const data = resolve(config.data);
  if (config.state.postgres === undefined)
    throw new LoadstoneError('LS-CONFIG-002', 'state.postgres is missing: it names the target database');
  if (!isCloudFolder(data))
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `data: ${data} is not a data folder of a cloud; name it by --data or --config`,
    );
  const lock = lockFolder(data, machineNow());
  const postgres = new Postgres(postgresOptions(config.state.postgres));
  try {
    const moved = await migrate({ data, postgres, copied: told('copied'), compared: told('compared') });
    process.stdout.write(
      moved === undefined
        ? `${data}: its state is already in PostgreSQL\n`
        : `${postgres.where}: ${moved.rows} rows in ${moved.tables} tables, identical to ${data}${ledger(moved.gateways)}\n` +
            'The files ending in .migrated may be deleted once the cloud has run.\n',
    );
    return 0;
  } finally {
    await postgres.close();
    lock.release();
  }
}

const ledger = (gateways: number | undefined): string =>
  gateways === undefined ? '' : `, including the ledger of ${gateways} gateways`;

/** Number of rows between two progress lines of a large table. */
const LINE_ROWS = 20_000;

function told(what: string): (table: string, done: number, all: number) => void {
  let last = { table: '', done: 0 };
  return (table, done, all) => {
    if (table === last.table && done < all && done - last.done < LINE_ROWS) return;
    last = { table, done };
    process.stderr.write(`${table}: ${done} of ${all} rows ${what}\n`);
  };
}
