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

Copies all data of the cloud into DIR, while it runs or is stopped: ledger, events, documents, users, models, forecasts, measurements and
the audit list. Keys, passwords and users are encrypted with a passphrase: without it nobody can restore the backup. It is read from
--passphrase-file or asked for. Measurements in InfluxDB are copied by InfluxDB's own tool, which must be on the PATH.

  --config FILE            configuration of the cloud
  --data DIR               data folder of the cloud (./.loadstone/cloud)
  --passphrase-file FILE   file whose first line is the passphrase; at least 12 characters
  --influx-host HOST:PORT  InfluxDB 1.x: address of its backup service (port 8088 of its host)
  --help                   this text

The backup does not contain the configuration (copy it too), enrolment tokens and exports. If the state is in PostgreSQL, use pg_dump and
copy the data folder at the same time, instead of this command.

examples:
  loadstone cloud backup /media/usb/2027-01-31 --config /etc/loadstone/cloud.yaml
  loadstone cloud backup /backup/tonight --data /var/lib/loadstone-cloud --passphrase-file /root/backup.passphrase

exit codes: 0 backup made, 1 failed, 2 configuration or usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const given = backupArguments('backup', args, HELP);
  if (typeof given === 'number') return given;
  const config = configOf(given.config, given.data);
  if (config.state.postgres !== undefined)
    throw new LoadstoneError(
      'LS-BACKUP-005',
      'state.postgres: this command does not copy PostgreSQL. Stop the cloud, run "pg_dump --schema=loadstone" on its database, and copy the data folder at the same time: the two belong together',
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
      `${resolve(given.folder)}: ${manifest.files.length} files, ${mb(bytes)} MB of ${manifest.region}, each file with its SHA-256\n` +
        'Keep the backup on another machine, and the passphrase apart from it.\n',
    );
    return 0;
  } finally {
    opened.close();
  }
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
