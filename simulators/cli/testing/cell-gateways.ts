import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { acceptedBy } from '../../../cloud/ingest/rabbitmq/testing/kill-drill.ts';
import { makeToken } from '../../../cloud/pki/tokens.ts';
import { enrolAt } from '../../../edge/cli/enrol.ts';
import { postgresOptions, type PostgresConfig } from '../../../cloud/sql/postgres-config.ts';
import { Postgres } from '../../../cloud/sql/postgres.ts';
import type { UplinkConfig } from '../../../edge/uplink/config.ts';
import { configFor } from '../../../edge/uplink/testing/bench.ts';
import type { Frame } from '../../../shared/contracts/frame.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { readToken } from '../../../shared/pki/enrolment-token.ts';
import { until } from '../../../shared/testing/until.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { run, type Scope, type Started } from './started.ts';
import type { TwoClouds } from './two-clouds.ts';

const PROCESS = join(import.meta.dirname, '../../../edge/uplink/testing/gateway-process.ts');
const PROCESSES = 4;
const ENROL_AT_ONCE = 10;
const LOOK_MS = 100;

/** Gateways of a region with a running cloud, a thread each in a few processes, with the daemon's uplink. */
export class CellGateways {
  readonly uplinks: readonly UplinkConfig[];
  readonly #scope: Scope;

  private constructor(scope: Scope, uplinks: readonly UplinkConfig[]) {
    this.#scope = scope;
    this.uplinks = uplinks;
  }

  /** Enrols the gateways at `at`, as `edge enrol` does, with certificates of the owner. `only` selects gateways; all by default. */
  static async enrol(
    scope: Scope,
    { region, data, rabbit }: TwoClouds,
    { folder, at, only }: { readonly folder: string; readonly at: string; readonly only?: readonly string[] },
  ): Promise<CellGateways> {
    const { machine: time } = new SystemClock(() => undefined);
    const enrol = async (gateway: string): Promise<UplinkConfig> => {
      const dir = join(folder, gateway);
      const identity = `${dir}-identity`;
      const token = unwrap(readToken(makeToken(data.one, gateway, { now: time.now() })));
      await enrolAt({ url: `https://${at}`, time }, token, identity);
      return {
        ...configFor(),
        gateway,
        group: region.id,
        url: `mqtts://127.0.0.1:${rabbit.gatewayPort}`,
        identity,
        reconnectS: [0.1, 1],
        journal: { path: `${dir}-journal`, maxMb: 500, maxAgeMs: 86_400_000, syncMs: 50 },
      };
    };
    const uplinks: UplinkConfig[] = [];
    const names = only ?? region.substations.map(({ gateway }) => gateway);
    for (let at = 0; at < names.length; at += ENROL_AT_ONCE)
      uplinks.push(...(await Promise.all(names.slice(at, at + ENROL_AT_ONCE).map((gateway) => enrol(gateway)))));
    return new CellGateways(scope, uplinks);
  }

  get names(): string[] {
    return this.uplinks.map(({ gateway }) => gateway);
  }

  /** `busy` measures and sends every `everyMs`; `quiet` sends the backlog. */
  start(mode: 'busy' | 'quiet', everyMs = 20): Started[] {
    const each = Math.ceil(this.uplinks.length / PROCESSES);
    return Array.from({ length: Math.ceil(this.uplinks.length / each) }, (_, n) => {
      const configs = this.uplinks.slice(n * each, (n + 1) * each);
      return run(this.#scope, PROCESS, JSON.stringify(configs), mode, `${everyMs}`);
    });
  }

  /** Ends the busy processes; returns each gateway's accepted frames by run and offset, and their number. */
  async end(busy: readonly Started[]): Promise<{ accepted: Map<string, Frame>[]; frames: number }> {
    for (const { child } of busy) child.kill('SIGTERM');
    await Promise.all(busy.map(({ ended }) => ended));
    const accepted = await Promise.all(this.uplinks.map((config) => acceptedBy(config)));
    return { accepted, frames: accepted.reduce((sum, { size }) => sum + size, 0) };
  }

  /** Sends the backlog until `frames` frames are stored. */
  async sendRest(stored: StoredFrames, frames: number): Promise<void> {
    const quiet = this.start('quiet');
    try {
      await until('all is stored', async () => (await stored.look()).frames >= frames);
    } finally {
      for (const { child } of quiet) child.kill('SIGKILL');
    }
  }
}

export interface Look {
  readonly frames: number;
  readonly at: number;
}

/** Frames stored according to the ledger in PostgreSQL, with this machine's time, ms. */
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

  /** Time without new frames after `end` has stopped a process, s. */
  async stall(what: string, end: () => unknown): Promise<number> {
    const from = performance.now();
    await end();
    // By then earlier commits are visible.
    await setTimeout(LOOK_MS);
    const { at } = await this.more(0, `frames are stored after ${what}`);
    return Math.round((at - from) / 10) / 100;
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
