import { resolve } from 'node:path';
import { writeForOneself } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isSharedFrom } from '../backup/shared-keys.ts';
import type { CloudConfig } from '../config.ts';
import { postgresOptions } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { configOf } from './data-folder.ts';

/** Configuration and folder for a command about keys or gateways. `beside`: the command is allowed on a standby. */
export async function ownFolder(
  values: { readonly config?: string | undefined; readonly data?: string | undefined },
  beside: boolean,
): Promise<{ readonly config: CloudConfig; readonly data: string }> {
  writeForOneself();
  const config = configOf(values.config, values.data);
  const data = resolve(config.data);
  if (!beside) await assertOwnKeys(config, data);
  return { config, data };
}

/**
 * Throws LS-STANDBY-003 if another machine's cloud is active: a change of keys or gateways here would take effect on neither. A database
 * that does not answer must not block a revocation; then the folder tells where its keys come from.
 */
async function assertOwnKeys({ standby, state }: CloudConfig, data: string): Promise<void> {
  if (standby === undefined || state.postgres === undefined) return;
  const postgres = new Postgres({ ...postgresOptions(state.postgres), isReader: true });
  try {
    const shared = await postgres.beside().then(
      (beside) => beside?.shared,
      (error: unknown) => {
        if (error instanceof LoadstoneError && error.code === 'LS-STORE-001') return undefined;
        throw error;
      },
    );
    if (isSharedFrom(data, shared?.by)) return;
  } finally {
    await postgres.close();
  }
  throw new LoadstoneError(
    'LS-STANDBY-003',
    `${data} gets its keys from the cloud of another machine, which is active ("loadstone cloud check" names it): run the command there`,
  );
}
