import { readFileSync } from 'node:fs';
import { printConfig as printSchema } from '../../shared/config/print-config.ts';
import { shortConfig } from '../../shared/config/short-config.ts';
import { readConfig, type RefuseConfig } from '../../shared/config/read-config.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { checkConfig, checkDrivers } from './checks.ts';
import { GatewayConfig } from './schema.ts';

export interface ConfigOverrides {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Dotted keys from flags. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
}

/** Reads the YAML of a gateway; throws LoadstoneError LS-CONFIG-... that names file, line, key and what would be right. */
export function parseConfig(text: string, file: string, overrides: ConfigOverrides = {}): GatewayConfig {
  return readConfig(
    GatewayConfig,
    { file, text, unit: 'loadstone-edge.service', ...overrides },
    {
      before: (value: unknown, refuse: RefuseConfig) => checkDrivers(value, refuse),
      after: (value: GatewayConfig, refuse: RefuseConfig) => checkConfig(value, refuse),
    },
  );
}

/** The same from a file; undefined where there is none, because a gateway starts without it. */
export function loadConfig(path: string, overrides: ConfigOverrides = {}): GatewayConfig | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LoadstoneError('LS-CONFIG-003', `${path}: ${(error as Error).message}`);
  }
  return parseConfig(text, path, overrides);
}

/** In the place of a name that nobody has given yet; `edge enrol` gives those that the cloud knows. */
export const UNCONFIGURED = 'unconfigured';

/** What a gateway without a file runs on: no devices, monitor, fail-safe. */
export const bareConfig = (overrides: ConfigOverrides = {}): GatewayConfig =>
  parseConfig(`gateway: { id: ${UNCONFIGURED}, substation: ${UNCONFIGURED} }\n`, 'the defaults', overrides);

/** Every key with its meaning, as commented YAML. */
export const printConfig = (): string => printSchema(GatewayConfig);

/** Only what differs from the defaults. */
export const printShort = (config: GatewayConfig): string => shortConfig(GatewayConfig, config);
