import { commandLine, writeHelp } from '../../shared/config/command-line.ts';

export interface BackupArguments {
  /** The folder of the backup. */
  readonly folder: string;
  readonly config: string | undefined;
  readonly data: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly influxHost: string | undefined;
  readonly revoked: string | undefined;
}

/** What `backup` and `restore` are called with; where that is not enough, the help is written and the exit code answers. */
export function backupArguments(args: readonly string[], help: string): BackupArguments | number {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string' },
    data: { type: 'string' },
    'passphrase-file': { type: 'string' },
    'influx-host': { type: 'string' },
    revoked: { type: 'string' },
  });
  const [folder] = positionals;
  if (values.help || folder === undefined) return writeHelp(help, values.help);
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
