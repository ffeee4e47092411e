import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../../cloud/pki/authority.ts';
import type { PostgresConfig } from '../../../cloud/sql/postgres-config.ts';
import { InfluxStore } from '../../../cloud/telemetry/influx-store.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { startInflux, type RunningInflux } from '../../testing/debian.ts';
import { rabbitPorts, startRabbit, type RunningRabbit } from '../../testing/rabbitmq.ts';
import { cloudFiles, start, type Scope } from './started.ts';

const DATABASE = 'loadstone';

/** Output of the owner, with the enrolment address. */
export const HOLDS = /Loadstone cloud: \S+ .*enrolment on (\S+)/;
/** Output of the standby. */
export const WAITS = /stands by: the database is held by loadstone \S+, process \d+ of /;

export interface TwoClouds {
  readonly region: Region;
  /** Configuration files and data folders of the two clouds. */
  readonly configs: { readonly one: string; readonly two: string };
  readonly data: { readonly one: string; readonly two: string };
  readonly rabbit: RunningRabbit;
  /** Root certificate of their common authority, PEM. */
  readonly roots: string;
  /** Connection to RabbitMQ: keys of uplink.rabbitmq. */
  readonly near: Readonly<Record<string, unknown>>;
  readonly influx: RunningInflux;
  /** Opens the store of measurements. */
  readonly points: () => InfluxStore;
  /** Writes a one-line file and returns its path. */
  readonly secret: (name: string, text: string) => string;
  /** Writes a configuration with the same engines and these keys of uplink.rabbitmq and of its own; returns its path. */
  readonly write: (name: string, data: string, rabbitmq: object, own: object) => string;
}

interface Wanted {
  readonly region: Region;
  readonly postgres: PostgresConfig;
  /** Roles of each cloud; all by default. */
  readonly roles?: readonly string[];
  /** Starts the RabbitMQ; a single node by default. */
  readonly startBroker?: typeof startRabbit;
}

/**
 * Prepares a region's two clouds with what they share on this machine: the given PostgreSQL, InfluxDB, RabbitMQ. Neither cloud is running
 * yet.
 */
export async function twoClouds(
  t: Scope,
  folder: string,
  { region, postgres, roles, startBroker = startRabbit }: Wanted,
): Promise<TwoClouds> {
  const { data: one } = cloudFiles(folder, region);
  const influx = await startInflux({ dir: join(folder, 'influx') });
  t.after(() => influx.kill());
  const points = (create = false): InfluxStore => new InfluxStore({ url: influx.url, database: DATABASE, create });
  const made = points(true);
  await made.open();
  await made.close();
  const secret = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `${text}\n`);
    return join(folder, name);
  };
  const passphraseFile = secret('passphrase', 'a passphrase of two clouds');
  const ofOwner = {
    region: `${folder}/region.json`,
    telemetry: { kind: 'influxdb', url: influx.url, database: DATABASE },
    standby: { passphraseFile },
    ...(roles === undefined ? {} : { roles }),
  };
  const write = (name: string, data: string, rabbitmq: object, own: object = ofOwner): string => {
    const file = join(folder, `${name}.yaml`);
    const parts = {
      data,
      api: { port: 0 },
      uplink: { port: 0, rabbitmq: { host: '127.0.0.1', user: 'cloud', security: 'none', ...rabbitmq } },
      state: { postgres },
      ...own,
    };
    // JSON is valid YAML.
    const lines = Object.entries(parts).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
    writeFileSync(file, lines.join(''));
    return file;
  };
  const early = write('early', one, { passwordFile: secret('password', 'none yet') });
  const pki = (...args: string[]) => start(t, 'pki', ...args, '--config', early);
  assert.equal(await pki('init').ended, 0);
  const issued = pki('broker', '127.0.0.1');
  assert.equal(await issued.ended, 0);
  const tls = { server: issued.said(), roots: new Authority(one).roots() };
  const rabbit = await startBroker({ dir: join(folder, 'rabbit'), tls });
  t.after(() => rabbit.stop());
  const near = { passwordFile: secret('password', rabbit.address.password), ...rabbitPorts(rabbit) };
  const data = { one, two: join(folder, 'two') };
  const configs = { one: write('one', data.one, near), two: write('two', data.two, near) };
  return { region, configs, data, rabbit, roots: tls.roots, near, influx, points, secret, write };
}
