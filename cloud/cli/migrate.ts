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

Moves the state of a stopped cloud from its data folder into the PostgreSQL that state.postgres names: ledger, events, alarms, documents,
people, acts, jobs, models, forecasts, and what planners brought. Each row is compared with its copy, and the ledger as a whole, before
the folder names the database; state.sqlite and planner.sqlite then stay with .migrated behind their names. A migration that was
interrupted goes on where it stopped. Until it is done the cloud may be started as before, and the next migration begins anew. Of a cloud
that an earlier version moved it moves what is in planner.sqlite.

  --config FILE   the cloud's configuration, with state.postgres
  --data DIR      its data folder (./.loadstone/cloud)
  --help          this text

examples:
  loadstone cloud migrate --config /etc/loadstone/cloud.yaml

exit codes: 0 moved, 1 it cannot be moved, 2 configuration or usage
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
    throw new LoadstoneError(
      'LS-CONFIG-002',
      'state.postgres is missing: it names the database that the state goes to',
    );
  if (!isCloudFolder(data))
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `data: ${data} is no data folder of a cloud; --data or --config names it`,
    );
  const lock = lockFolder(data, machineNow());
  const postgres = new Postgres(postgresOptions(config.state.postgres));
  try {
    const moved = await migrate({ data, postgres, copied: told('copied'), compared: told('compared') });
    process.stdout.write(
      moved === undefined
        ? `${data}: its state is in PostgreSQL already\n`
        : `${postgres.where}: ${moved.rows} rows of ${moved.tables} tables, each as in ${data}${ledger(moved.gateways)}\n` +
            'What ends in .migrated may be deleted once the cloud has run.\n',
    );
    return 0;
  } finally {
    await postgres.close();
    lock.release();
  }
}

const ledger = (gateways: number | undefined): string =>
  gateways === undefined ? '' : `, the ledger of ${gateways} gateways too`;

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
