import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The code of a problem; '' if there is none. */
  readonly code: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string | Buffer;
  /** Source address of the request; absent: the default. */
  readonly localAddress?: string;
}

/** A cloud's API, called as a normal client or with raw bytes. */
export class Door {
  readonly url: URL;
  readonly #ca: string | undefined;

  /** `ca`: PEM. Absent: Node's default trust. */
  constructor(url: string, ca?: string) {
    this.url = new URL(url);
    this.#ca = ca;
  }

  get origin(): string {
    return this.url.origin;
  }

  ask(path: string, { method = 'GET', headers = {}, body, localAddress }: Asked = {}): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const bytes = isRaw ? body : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = {
      method,
      headers: { ...type, ...headers },
      agent: false,
      path,
      servername: 'localhost',
      ...(localAddress === undefined ? {} : { localAddress }),
      ...this.#trust(),
    };
    const call = (this.#isTls ? requestHttps : requestHttp)(this.url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.once('error', reject);
      response.once('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, text)));
    });
    call.once('error', reject);
    call.end(bytes);
    return promise;
  }

  /** A new connected socket. */
  async socket(): Promise<Socket> {
    const port = Number(this.url.port === '' ? (this.#isTls ? 443 : 80) : this.url.port);
    const host = this.url.hostname.replaceAll(/[[\]]/g, '');
    const socket = this.#isTls
      ? connectTls({ port, host, servername: 'localhost', ...this.#trust() })
      : connectTcp(port, host);
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      socket.once(this.#isTls ? 'secureConnect' : 'connect', () => resolve());
      socket.once('close', () => resolve());
    });
    return socket;
  }

  /** Writes raw bytes and reads until the server closes. Returns the answers, each from its status line on. */
  async raw(...parts: readonly (string | Buffer)[]): Promise<string[]> {
    const socket = await this.socket();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    for (const part of parts) socket.write(part);
    await closed;
    return text.split(/(?=HTTP\/1\.1 )/).filter((each) => each !== '');
  }

  get host(): string {
    return `Host: ${this.url.host}`;
  }

  get #isTls(): boolean {
    return this.url.protocol === 'https:';
  }

  #trust(): { readonly ca?: string } {
    return this.#ca === undefined ? {} : { ca: this.#ca };
  }
}

const answerOf = (status: number, headers: Answer['headers'], text: string): Answer => ({
  status,
  headers,
  text,
  code: codeIn(text),
});

export const codeIn = (text: string): string => /"code":"(LS-[A-Z]+-\d+)"/.exec(text)?.[1] ?? '';

/** Status and code for a table. */
export const shown = ({ status, code }: Pick<Answer, 'status' | 'code'>): string => `${status} ${code}`.trim();
