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

Puts the backup in DIR into the data folder, which has to be empty and used by no cloud. Each file is checked first: where one is
not as it was written, or the passphrase is not the one, nothing is restored. The epoch of every gateway is raised, so that gateways
take the plans of the restored cloud and none that was sent after the backup. Everybody signs in again. Which gateways were revoked
after the backup is not in it, and their certificates would count again: --revoked names them, or says that there are none.

  --config FILE            the configuration of the cloud that is to run
  --data DIR               its data folder (./.loadstone/cloud)
  --passphrase-file FILE   the passphrase is its first line; without it, it is asked for
  --revoked IDS            gateways that were revoked since the backup, by commas, or none; without it, it is asked for
  --influx-host HOST:PORT  InfluxDB 1.x: where it takes backups (port 8088 of its host)
  --help                   this text

examples:
  loadstone cloud restore /media/usb/2027-01-31 --data /var/lib/loadstone-cloud --revoked none
  sudo -u loadstone-cloud loadstone cloud restore /backup/tonight --config /etc/loadstone/cloud.yaml --passphrase-file /run/passphrase --revoked owd-01,wls-01

exit codes: 0 restored, 1 it cannot be used or something is in its way, 2 configuration or usage
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
      `The epoch of ${raised} gateways is raised. Gateways send again what the backup does not have.\n` +
      'People, passwords and API tokens are those of the backup, and everybody signs in anew: remove who has left since, and end tokens that were ended since.\n',
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
      `gateways that were revoked since ${since} would come in again: --revoked owd-01,wls-01 names them, --revoked ${NONE} says that there are none`,
    );
  return answer === NONE ? [] : answer.split(',').map((each) => each.trim());
}

async function asked(since: string): Promise<string> {
  if (!process.stdin.isTTY) return '';
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await line.question(`gateways that were revoked since ${since}, by commas, or ${NONE}: `);
  } finally {
    line.close();
  }
}
