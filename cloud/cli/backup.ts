import { join, resolve } from 'node:path';
import { passphraseFrom } from '../../shared/backup/passphrase.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { makeBackup } from '../backup/backup.ts';
import { InfluxTool } from '../backup/influx-tool.ts';
import { backupArguments } from './backup-arguments.ts';
import { configOf, openFolder } from './data-folder.ts';
import { software } from './software.ts';

const HELP = `usage: loadstone cloud backup DIR [--config FILE] [--data DIR] [--passphrase-file FILE]

Copies all that the cloud keeps into DIR, while it runs or when it is stopped: ledger, events, documents, people, models, forecasts,
points, the list of who did what. Keys, passwords and people are encrypted under a passphrase; who loses it cannot restore. Without
--passphrase-file it is asked for. Points in InfluxDB are copied by InfluxDB's own tool, which has to be on the path.

  --config FILE            the cloud's configuration
  --data DIR               its data folder (./.loadstone/cloud)
  --passphrase-file FILE   the passphrase is its first line; 12 characters or more
  --influx-host HOST:PORT  InfluxDB 1.x: where it takes backups (port 8088 of its host)
  --help                   this text

The configuration, enrolment tokens and exports are not in it: copy the configuration beside it. A cloud whose state is in PostgreSQL is
copied by PostgreSQL's own tools.

examples:
  loadstone cloud backup /media/usb/2027-01-31 --config /etc/loadstone/cloud.yaml
  loadstone cloud backup /backup/tonight --data /var/lib/loadstone-cloud --passphrase-file /root/backup.passphrase

exit codes: 0 made, 1 it could not be made, 2 configuration or usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const given = backupArguments('backup', args, HELP);
  if (typeof given === 'number') return given;
  const config = configOf(given.config, given.data);
  if (config.state.postgres !== undefined)
    throw new LoadstoneError(
      'LS-BACKUP-005',
      'state.postgres: this command does not copy PostgreSQL. Stop the cloud, "pg_dump --schema=loadstone" its database, and copy the data folder beside it: the two belong together',
    );
  const passphrase = await passphraseFrom(given.passphraseFile, true);
  const { telemetry } = config;
  const influx = telemetry.kind === 'influxdb' ? await InfluxTool.of(telemetry, given.influxHost) : undefined;
  const opened = openFolder(config);
  try {
    const { folder: data, isRunning } = opened;
    const manifest = await makeBackup({
      data,
      isRunning,
      into: resolve(given.folder),
      passphrase,
      usersFile: config.uplink.usersFile === '' ? join(data, 'users.htpasswd') : config.uplink.usersFile,
      regionFile: config.region,
      influx,
      software,
      machine: new SystemClock(() => undefined).machine,
      progress: (name, done, all) =>
        process.stderr.write(all === 0 ? `${name} ...\n` : `${name}: ${mb(done)} of ${mb(all)} MB\n`),
    });
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    process.stdout.write(
      `${resolve(given.folder)}: ${manifest.files.length} files, ${mb(bytes)} MB of ${manifest.region}, each with its SHA-256\n` +
        'Keep it away from this machine, and the passphrase away from it.\n',
    );
    return 0;
  } finally {
    opened.close();
  }
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
