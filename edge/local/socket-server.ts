import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { LocalAnswer } from './protocol.ts';

const MAX_REQUEST_CHARS = 10_000;
const MAX_CONNECTIONS = 16;

/** A unix socket for people at the site to talk to the running daemon: one JSON line in, one out. */
export class SocketServer {
  readonly #path: string;
  readonly #answer: (request: unknown) => LocalAnswer;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(path: string, answer: (request: unknown) => LocalAnswer) {
    this.#path = path;
    this.#answer = answer;
  }

  /** Replaces a socket that a killed daemon left; a live one is LS-PORT-001. */
  async start(): Promise<void> {
    if (existsSync(this.#path)) {
      if (await answersOn(this.#path)) {
        throw new LoadstoneError('LS-PORT-001', `another gateway answers on ${this.#path}`);
      }
      unlinkSync(this.#path);
    }
    const server = createServer((socket) => this.#serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, resolve);
    });
    chmodSync(this.#path, 0o660);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    // Clients that hang make room, so that a stop always gets through.
    if (this.#sockets.size >= MAX_CONNECTIONS) {
      const [oldest] = this.#sockets;
      oldest?.destroy();
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8');
    let text = '';
    let isAnswered = false;
    socket.on('data', (chunk: string) => {
      // A connection carries one request; data after its line is ignored.
      if (isAnswered) return;
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) {
        if (text.length > MAX_REQUEST_CHARS) socket.destroy();
        return;
      }
      isAnswered = true;
      socket.end(`${JSON.stringify(this.#reply(text.slice(0, end)))}\n`);
    });
  }

  #reply(line: string): LocalAnswer {
    try {
      return this.#answer(JSON.parse(line));
    } catch (error) {
      return { ok: false, code: 'LS-API-001', text: messageOf(error) };
    }
  }
}

/** Whether a live daemon answers there. */
export function answersOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
