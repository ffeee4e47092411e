import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { passphraseFrom } from '../../shared/backup/passphrase.ts';
import { writeForOneself } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { InfluxTool } from '../backup/influx-tool.ts';
import { restoreBackup } from '../backup/restore.ts';
import { revive } from '../compose/revive.ts';
import { backupArguments } from './backup-arguments.ts';
import { configOf, machineNow } from './data-folder.ts';
import { assertKnown, gatewaysOf, knownGateways } from './known-gateways.ts';

const HELP = `usage: loadstone cloud restore DIR [--config FILE] [--data DIR] [--passphrase-file FILE]

Restores the backup in DIR into the data folder, which must be empty and not in use. Every file is checked first: if one has changed or
the passphrase is wrong, nothing is restored. The epoch of every gateway is raised, so that gateways accept the plans of the restored
cloud and reject any sent after the backup. All users must sign in again. A backup does not know which gateways were revoked after it,
so their certificates would be valid again: name them with --revoked, or give --revoked none.

  --config FILE            configuration of the restored cloud
  --data DIR               data folder of the cloud (./.loadstone/cloud)
  --passphrase-file FILE   file whose first line is the passphrase; default: asked for
  --revoked IDS            gateways revoked since the backup, comma-separated, or none; default: asked for
  --influx-host HOST:PORT  InfluxDB 1.x: address of its backup service (port 8088 of its host)
  --help                   this text

examples:
  loadstone cloud restore /media/usb/2027-01-31 --data /var/lib/loadstone-cloud --revoked none
  sudo -u loadstone-cloud loadstone cloud restore /backup/tonight --config /etc/loadstone/cloud.yaml --passphrase-file /run/passphrase --revoked owd-01,wls-01

exit codes: 0 restored, 1 failed, or the data folder is not empty, 2 configuration or usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const given = backupArguments('restore', args, HELP);
  if (typeof given === 'number') return given;
  writeForOneself();
  const config = configOf(given.config, given.data);
  const passphrase = await passphraseFrom(given.passphraseFile, false);
  const { telemetry } = config;
  const data = resolve(config.data);
  const now = machineNow();
  const { manifest, raised } = await restoreBackup({
    from: resolve(given.folder),
    data,
    passphrase,
    influx: telemetry.kind === 'influxdb' ? () => InfluxTool.of(telemetry, given.influxHost) : undefined,
    now,
    said: (line) => process.stderr.write(`${line}\n`),
    revokedSince: ({ madeAt }) => revokedSince(given.revoked, madeAt),
    revive: async (folder, of) => {
      const region = join(folder, 'region.json');
      const known = await knownGateways(folder, region);
      for (const gateway of of.revoked) assertKnown(gateway, known);
      return revive(folder, { ...of, gateways: existsSync(region) ? gatewaysOf(region) : [], now });
    },
  });
  process.stdout.write(
    `${data}: ${manifest.region} as it stood at ${new Date(manifest.madeAt).toISOString()}, made by ${manifest.software}\n` +
      `Raised the epoch of ${raised} gateways. Gateways resend what is missing in the backup.\n` +
      'Users, passwords and API tokens are those of the backup, and everybody must sign in again: remove users who have left since, and tokens that were ended since.\n',
  );
  return 0;
}

const NONE = 'none';

/** Gateways revoked after the backup, from the arguments or by asking. No answer is an error, because it must not count as "none". */
async function revokedSince(given: string | undefined, madeAt: number): Promise<string[]> {
  const since = new Date(madeAt).toISOString();
  const answer = (given ?? (await asked(since))).trim();
  if (answer === '')
    throw new LoadstoneError(
      'LS-BACKUP-006',
      `gateways revoked since ${since} would be accepted again: name them, such as --revoked owd-01,wls-01, or give --revoked ${NONE}`,
    );
  return answer === NONE ? [] : answer.split(',').map((each) => each.trim());
}

async function asked(since: string): Promise<string> {
  if (!process.stdin.isTTY) return '';
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await line.question(`gateways revoked since ${since}, comma-separated, or ${NONE}: `);
  } finally {
    line.close();
  }
}
