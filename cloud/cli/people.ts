import { join } from 'node:path';
import { commandLine, subcommandOf, writeHelp } from '../../shared/config/command-line.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { actLocally, type LocalAct } from '../access/local-acts.ts';
import { orderLocally } from '../access/local-orders.ts';
import { Passwords } from '../access/passwords.ts';
import { People } from '../access/people.ts';
import { RIGHTS, type Role } from '../access/roles.ts';
import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { regionTargets } from '../api/targets.ts';
import { openPlaces } from '../compose/state.ts';
import { KeyBook } from '../pki/key-book.ts';
import { readRegion } from '../region/read-region.ts';
import type { PostgresConfig } from '../sql/postgres-config.ts';
import { configOf, machineNow, openFolder } from './data-folder.ts';

const HELP = `usage: loadstone cloud people [list]
       loadstone cloud people put NAME [--roles ROLES] [--areas AREAS]
       loadstone cloud people password NAME
       loadstone cloud people forget-passkeys NAME

Manages users from the machine of the cloud: for the first admin, for an admin without a second one to approve, and for emergencies.
The commands work while the cloud runs or is stopped, and each is recorded in the audit list. Run them as the cloud's user.

  list             shows users with their roles and areas
  put              creates a user and prints a one-time password, or changes a user and unlocks the account
  password         prints a new one-time password; ends the sessions and API tokens of the user
  forget-passkeys  removes the passkeys of a user who has lost all of them

  --config FILE   configuration of the cloud
  --data DIR      data folder of the cloud (./.loadstone/cloud)
  --roles ROLES   comma-separated: viewer, operator, planner, engineer, admin, auditor; an admin can be neither operator nor auditor
  --areas AREAS   comma-separated, such as substation:owd,feeder:wls-1; default: everywhere for a new user, unchanged for an existing one
  --help          this text

examples:
  loadstone cloud people put olga --roles operator --config /etc/loadstone/cloud.yaml
  sudo -u loadstone-cloud loadstone cloud people password admin --data /var/lib/loadstone-cloud

exit codes: 0 done, 1 failed, 2 configuration or usage
`;

const COMMANDS = {
  list: { operand: '' },
  put: { operand: 'NAME' },
  password: { operand: 'NAME' },
  'forget-passkeys': { operand: 'NAME' },
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 2, {
    config: { type: 'string' },
    data: { type: 'string' },
    roles: { type: 'string' },
    areas: { type: 'string' },
  });
  if (values.help) return writeHelp(HELP);
  const [kind = 'list', name = ''] = positionals;
  const command = subcommandOf('cloud people', COMMANDS, [kind, positionals[1]]);
  if (command === 2) return command;
  if (kind !== 'list' && !NAME.test(name))
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `${name}: a name has up to 63 lower-case letters, digits, dots, dashes and underscores, and begins with a letter or digit`,
    );
  const config = configOf(values.config, values.data);
  const roles = values.roles === undefined ? undefined : rolesOf(values.roles);
  const areas = values.areas === undefined ? undefined : areasOf(values.areas, config.region);
  const act: LocalAct =
    kind === 'list'
      ? { kind }
      : kind === 'put'
        ? { kind, name, roles, areas }
        : kind === 'password'
          ? { kind, name }
          : { kind: 'forget-passkeys', name };
  const opened = openFolder(config);
  try {
    const { folder, isRunning } = opened;
    process.stdout.write(
      await (isRunning ? orderLocally(folder, act, machineNow) : actStopped(folder, act, config.state.postgres)),
    );
    return 0;
  } finally {
    opened.close();
  }
}

function rolesOf(text: string): readonly Role[] {
  const known = Object.keys(RIGHTS) as Role[];
  return [...new Set(text.split(','))].map((name) => {
    const role = known.find((each) => each === name.trim());
    if (role === undefined)
      throw new LoadstoneError(
        'LS-CONFIG-002',
        `--roles: unknown role "${name}"; expected some of ${known.join(', ')}`,
      );
    return role;
  });
}

function areasOf(text: string, region: string): readonly string[] {
  const areas = text.split(',');
  const targets = regionTargets(readRegion(region));
  const foreign = areas.find((area) => !targets.has(area));
  if (foreign !== undefined) throw new LoadstoneError('LS-CONFIG-002', `--areas: unknown target "${foreign}"`);
  return areas;
}

/** Acts on the data of a stopped cloud. */
async function actStopped(data: string, act: LocalAct, postgres: PostgresConfig | undefined): Promise<string> {
  const places = await openPlaces(data, postgres);
  const store = new SqlitePeopleStore(places.state);
  const keys = await KeyBook.open(data, machineNow());
  const file = join(data, 'audit.jsonl');
  const audit = new AuditLog({ file, ...keys.audit(), now: machineNow, onFailure: () => undefined });
  store.open();
  try {
    await audit.open();
    const people = new People({
      store,
      passwords: new Passwords(),
      weaknessOf: () => undefined,
      takesTwo: true,
      requestsPerSecond: 1,
      now: machineNow,
    });
    await people.start();
    return await actLocally(people, audit, act);
  } finally {
    await audit.close();
    store.close();
    await places.close();
  }
}
