import { connect } from 'node:net';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { LocalAnswer, LocalRequest } from './protocol.ts';

const TIMEOUT_MS = 5000;

/** Nothing listens at a socket: no gateway runs there. */
export class NoGateway extends LoadstoneError {}

/** No process listens: there is no socket, or its process was killed. */
const ABSENT: readonly unknown[] = ['ENOENT', 'ECONNREFUSED'];

/** Sends a request to the daemon at `path`; LS-API-009 if none answers, as `NoGateway` if none runs there. */
export function askDaemon(path: string, request: LocalRequest): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, timeout: TIMEOUT_MS });
    let text = '';
    socket.setEncoding('utf8');
    socket.on('timeout', () => socket.destroy(new Error('it does not answer within 5 s')));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text) as LocalAnswer);
      } catch {
        reject(new LoadstoneError('LS-API-009', `the gateway at ${path} gave an incomplete answer`));
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const detail = `no gateway answers at ${path} (${error.message})`;
      reject(
        ABSENT.includes(error.code)
          ? new NoGateway('LS-API-009', `${detail}; is it running?`)
          : new LoadstoneError('LS-API-009', detail),
      );
    });
  });
}
