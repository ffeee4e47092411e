import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptedBy } from '../../../cloud/ingest/rabbitmq/testing/kill-drill.ts';
import { makeToken } from '../../../cloud/pki/tokens.ts';
import { postgresOptions, type PostgresConfig } from '../../../cloud/sql/postgres-config.ts';
import { Postgres } from '../../../cloud/sql/postgres.ts';
import type { UplinkConfig } from '../../../edge/uplink/config.ts';
import { configFor } from '../../../edge/uplink/testing/bench.ts';
import type { Frame } from '../../../shared/contracts/frame.ts';
import { until } from '../../../shared/testing/until.ts';
import { run, start, type Scope, type Started } from './started.ts';
import type { TwoClouds } from './two-clouds.ts';

const PROCESS = join(import.meta.dirname, '../../../edge/uplink/testing/gateway-process.ts');
const LOOK_MS = 100;

/** The gateways of a region whose cloud runs, as processes with the uplinks of the daemon. */
export class CellGateways {
  readonly uplinks: readonly UplinkConfig[];
  readonly #scope: Scope;

  private constructor(scope: Scope, uplinks: readonly UplinkConfig[]) {
    this.#scope = scope;
    this.uplinks = uplinks;
  }

  /** Each with a certificate of the cloud that holds, as `edge enrol` brings it from `at`. */
  static async enrol(
    scope: Scope,
    { region, data, rabbit, secret }: TwoClouds,
    { folder, at }: { readonly folder: string; readonly at: string },
  ): Promise<CellGateways> {
    const uplinks: UplinkConfig[] = [];
    for (const { id, gateway } of region.substations) {
      const dir = join(folder, gateway);
      const identity = `${dir}-identity`;
      const yaml = `${dir}.yaml`;
      writeFileSync(
        yaml,
        `gateway: { id: ${gateway}, substation: ${id}, group: ${region.id} }\njournal: { path: ${dir}-own }\nlocalBroker: { listen: "127.0.0.1:0" }\nuplink: { identity: ${identity} }\n`,
      );
      const token = secret(`${gateway}.token`, makeToken(data.one, gateway, { now: Date.now() }));
      const enrol = start(scope, 'edge', 'enrol', `https://${at}`, '--token-file', token, '--config', yaml);
      if ((await enrol.ended) !== 0) throw new Error(enrol.said());
      uplinks.push({
        ...configFor(),
        gateway,
        group: region.id,
        url: `mqtts://127.0.0.1:${rabbit.gatewayPort}`,
        identity,
        reconnectS: [0.1, 1],
        journal: { path: `${dir}-journal`, maxMb: 500, maxAgeMs: 86_400_000, syncMs: 50 },
      });
    }
    return new CellGateways(scope, uplinks);
  }

  get names(): string[] {
    return this.uplinks.map(({ gateway }) => gateway);
  }

  /** `busy` measures and sends, `quiet` sends what is left. */
  start(mode: 'busy' | 'quiet'): Started[] {
    return this.uplinks.map((config) => run(this.#scope, PROCESS, JSON.stringify(config), mode));
  }

  /** What each has accepted, by run and offset. */
  accepted(): Promise<Map<string, Frame>[]> {
    return Promise.all(this.uplinks.map((config) => acceptedBy(config)));
  }
}

export interface Look {
  readonly frames: number;
  readonly at: number;
}

/** What the ledger in PostgreSQL calls stored, by the clock of this machine, ms. */
export class StoredFrames {
  readonly #postgres: Postgres;

  constructor(scope: Scope, config: PostgresConfig) {
    this.#postgres = new Postgres({ ...postgresOptions(config), isReader: true });
    scope.after(() => this.#postgres.close());
  }

  async look(): Promise<Look> {
    const [row] = await this.#postgres.look(
      `SELECT coalesce(sum(last - first + 1), 0) AS n FROM span JOIN run ON run.id = span.run
         WHERE stream = 'measurements' AND state = 'stored'`,
    );
    return { frames: Number(row!['n']), at: performance.now() };
  }

  async more(frames: number, what: string): Promise<Look> {
    const from = await until('the ledger answers', () => this.look());
    return until(
      what,
      async () => {
        const now = await this.look();
        return now.frames > from.frames + frames ? now : undefined;
      },
      { mostMs: LOOK_MS },
    );
  }
}
