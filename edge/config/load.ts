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

/** Parses a gateway's YAML. Throws LoadstoneError LS-CONFIG-... with file, line, key and remedy. */
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

/** The same from a file; undefined if there is none, because a gateway can start without it. */
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

/** The same; undefined also if it is invalid, because no gateway runs by it. */
export function runnableConfig(path: string, overrides?: ConfigOverrides): GatewayConfig | undefined {
  try {
    return loadConfig(path, overrides);
  } catch {
    return undefined;
  }
}

/** Placeholder until a name is configured; `edge enrol` fills in the names that the cloud knows. */
export const UNCONFIGURED = 'unconfigured';

/** The configuration without a file: no devices, monitor, fail-safe. */
export const bareConfig = (overrides: ConfigOverrides = {}): GatewayConfig =>
  parseConfig(`gateway: { id: ${UNCONFIGURED}, substation: ${UNCONFIGURED} }\n`, 'the defaults', overrides);

/** Every key with its meaning, as commented YAML. */
export const printConfig = (): string => printSchema(GatewayConfig);

/** Only the keys that differ from the defaults. */
export const printShort = (config: GatewayConfig): string => shortConfig(GatewayConfig, config);
