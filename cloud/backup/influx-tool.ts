import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TelemetryConfig } from '../telemetry/telemetry-config.ts';

export type InfluxConfig = Extract<TelemetryConfig, { kind: 'influxdb' }>;

/** The server's own tool: `influxd` (1.x, over its backup port) or `influx` (2.x, over its API). */
export class InfluxTool {
  readonly version: string;
  readonly #config: InfluxConfig;
  readonly #backupHost: string;

  private constructor(config: InfluxConfig, version: string, backupHost: string) {
    this.#config = config;
    this.version = version;
    this.#backupHost = backupHost;
  }

  /** Queries the server's version. `backupHost`: HOST:PORT for backups of 1.x; by default port 8088 of its host. */
  static async of(config: InfluxConfig, backupHost?: string): Promise<InfluxTool> {
    const { url } = config;
    const answer = await fetch(`${url.replace(/\/$/, '')}/ping`, { signal: AbortSignal.timeout(10_000) }).catch(
      (error: unknown) => {
        const why = messageOf(error);
        throw new LoadstoneError('LS-STORE-001', `InfluxDB at ${url} does not answer: ${why}`);
      },
    );
    const version = (answer.headers.get('x-influxdb-version') ?? 'unknown').replace(/^v/, '');
    if (!/^[12]\./.test(version))
      throw new LoadstoneError(
        'LS-BACKUP-004',
        `InfluxDB ${version} at ${url} has no known backup tool (only 1.x and 2.x have): copy its storage instead`,
      );
    return new InfluxTool(config, version, backupHost ?? `${new URL(url).hostname}:8088`);
  }

  get database(): string {
    return this.#config.database;
  }

  /** Backs up the whole database or bucket into a folder. */
  backup(folder: string): Promise<void> {
    const { database } = this.#config;
    return this.version.startsWith('1.')
      ? this.#run('influxd', ['backup', '-portable', '-database', database, '-host', this.#backupHost, folder])
      : this.#run('influx', ['backup', folder, '--bucket', database]);
  }

  /**
   * Throws LS-BACKUP-002 if the server has the database: points that came after the backup, or from another cloud, would be in no ledger.
   * Servers that do not list databases refuse the restore themselves.
   */
  async assertAbsent(): Promise<void> {
    const { url, tokenFile } = this.#config;
    const headers = tokenFile === undefined ? {} : { authorization: `Token ${readFileSync(tokenFile, 'utf8').trim()}` };
    const answer = await fetch(`${url.replace(/\/$/, '')}/query?q=SHOW%20DATABASES`, {
      headers,
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
    const listed = answer?.ok === true ? JSON.stringify(await answer.json().catch(() => null)) : '';
    if (listed.includes(JSON.stringify([this.database])))
      throw new LoadstoneError(
        'LS-BACKUP-002',
        `InfluxDB at ${url} has the database ${this.database} already: what it holds besides the backup would be in no ledger. Restore to another server, or drop the database there if nothing needs it any more`,
      );
  }

  /** Restores into a server that does not have it yet. */
  restore(folder: string): Promise<void> {
    const { database } = this.#config;
    return this.version.startsWith('1.')
      ? this.#run('influxd', ['restore', '-portable', '-database', database, '-host', this.#backupHost, folder])
      : this.#run('influx', ['restore', folder, '--bucket', database]);
  }

  /** Passes the token in the environment, because arguments are visible to everybody. */
  #run(command: string, args: readonly string[]): Promise<void> {
    const { url, org, tokenFile } = this.#config;
    const token = tokenFile === undefined ? {} : { INFLUX_TOKEN: readFileSync(tokenFile, 'utf8').trim() };
    const env = { ...process.env, INFLUX_HOST: url, INFLUX_ORG: org, ...token };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1000)));
    const fail = (why: string): void =>
      reject(new LoadstoneError('LS-BACKUP-004', `${command} ${args[0]} (InfluxDB ${this.version}): ${why}`));
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ENOENT' ? `${command} is not on the PATH` : error.message),
    );
    child.once('close', (code) => (code === 0 ? resolve() : fail(said.trim() || `it exited with ${code}`)));
    return promise;
  }
}
