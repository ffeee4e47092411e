import { existsSync, readFileSync } from 'node:fs';
import type { GatewayConfig } from '../config/schema.ts';

export const DEFAULT_CONFIG = '/etc/loadstone/gateway.yaml';
const RUNTIME_SOCKET = '/run/loadstone/edge.sock';

/** Where the daemon listens: what the configuration says, systemd's runtime folder, or beside its journal. */
export function socketPath(config: GatewayConfig, runtimeFolder: string | undefined): string {
  if (config.socket !== undefined) return config.socket.path;
  if (runtimeFolder !== undefined) return `${runtimeFolder}/edge.sock`;
  return `${config.journal.path.replace(/(?<!\/)\/+$/, '')}.sock`;
}

/** Where to look for a running daemon. */
export function socketToAsk(config: GatewayConfig): string {
  const own = socketPath(config, undefined);
  return !existsSync(own) && config.socket === undefined && existsSync(RUNTIME_SOCKET) ? RUNTIME_SOCKET : own;
}

/** A text file, or why it cannot be read. */
export function readText(path: string): { readonly text: string } | { readonly why: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
