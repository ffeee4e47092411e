import { existsSync, readFileSync } from 'node:fs';
import { messageOf } from '../../shared/outcome/message-of.ts';

export const DEFAULT_CONFIG = '/etc/loadstone/gateway.yaml';
/** State folder of the installed daemon. */
export const STATE_FOLDER = '/var/lib/loadstone-edge';
const RUNTIME_SOCKET = '/run/loadstone-edge/edge.sock';

/** Part of the configuration that determines the daemon's socket. */
interface SocketPlace {
  readonly socket?: { readonly path: string } | undefined;
  readonly journal: { readonly path: string };
}

/** Socket path of the daemon: as configured, in systemd's runtime folder, or next to its journal. */
export function socketPath(config: SocketPlace, runtimeFolder: string | undefined): string {
  if (config.socket !== undefined) return config.socket.path;
  if (runtimeFolder !== undefined) return `${runtimeFolder}/edge.sock`;
  return `${config.journal.path.replace(/(?<!\/)\/+$/, '')}.sock`;
}

/** Where to look for a running daemon. */
export function socketToAsk(config: SocketPlace): string {
  const own = socketPath(config, undefined);
  return !existsSync(own) && config.socket === undefined && existsSync(RUNTIME_SOCKET) ? RUNTIME_SOCKET : own;
}

/** Reads a text file, or says why it cannot be read. */
export function readText(path: string): { readonly text: string } | { readonly why: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { why: messageOf(error) };
  }
}
