import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { BrokerAddress } from './address.ts';

const PATIENCE_MS = 60_000;
const MAX_ANSWER_BYTES = 50_000_000;

/** RabbitMQ's management API over HTTP. An error status or no answer rejects with LS-BROKER-001. */
export class Management {
  readonly #address: BrokerAddress;

  constructor(address: BrokerAddress) {
    this.#address = address;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.#ask('GET', path)) as T;
  }

  async post(path: string, body: unknown): Promise<void> {
    await this.#ask('POST', path, JSON.stringify(body));
  }

  /** A missing resource counts as deleted. */
  async delete(path: string): Promise<void> {
    await this.#ask('DELETE', path);
  }

  #ask(method: string, path: string, body?: string): Promise<string> {
    const { managementUrl, user, password, roots } = this.#address;
    const url = new URL(`/api/${path}`, managementUrl);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (why: string, cause?: unknown): void =>
      reject(Object.assign(new LoadstoneError('LS-BROKER-001', `${method} ${url.href}: ${why}`), { cause }));
    const call = (url.protocol === 'https:' ? secure : plain)(url, {
      method,
      auth: `${user}:${password}`,
      agent: false,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(roots === undefined ? {} : { ca: roots }),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }),
    });
    call.once('error', (error) => fail(error.message, error));
    call.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
      });
      response.once('error', (error) => fail(error.message));
      response.once('end', () => {
        const status = response.statusCode ?? 0;
        if (status < 300 || (method === 'DELETE' && status === 404)) resolve(text);
        else fail(`${status} ${text.slice(0, 200)}`);
      });
    });
    call.end(body);
    return promise;
  }
}
