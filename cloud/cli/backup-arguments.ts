import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';

export interface BackupArguments {
  /** The folder of the backup. */
  readonly folder: string;
  readonly config: string | undefined;
  readonly data: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly influxHost: string | undefined;
  readonly revoked: string | undefined;
}

/** Parses the arguments of `backup` and `restore`. Prints help or a usage error and returns the exit code if there is nothing to run. */
export function backupArguments(
  command: 'backup' | 'restore',
  args: readonly string[],
  help: string,
): BackupArguments | number {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string' },
    data: { type: 'string' },
    'passphrase-file': { type: 'string' },
    'influx-host': { type: 'string' },
    revoked: { type: 'string' },
  });
  if (values.help) return writeHelp(help);
  if (command === 'backup' && values.revoked !== undefined)
    return misused('cloud backup', '--revoked is an option of restore only');
  const [folder] = positionals;
  if (folder === undefined) return misused(`cloud ${command}`, 'expected DIR, the folder of the backup');
  const { config, data, revoked } = values;
  return {
    folder,
    config,
    data,
    revoked,
    passphraseFile: values['passphrase-file'],
    influxHost: values['influx-host'],
  };
}
