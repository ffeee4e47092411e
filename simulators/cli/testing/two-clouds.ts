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

/** What a cloud says that holds the region; the place where gateways enrol. */
export const HOLDS = /Loadstone cloud: \S+ .*enrolment on (\S+)/;
/** What a cloud says that stands by. */
export const WAITS = /stands by: the database is held by loadstone, process \d+ of /;

export interface TwoClouds {
  readonly region: Region;
  /** Configurations of the two, and their data folders. */
  readonly configs: { readonly one: string; readonly two: string };
  readonly data: { readonly one: string; readonly two: string };
  readonly rabbit: RunningRabbit;
  /** Certificate of the authority of the two, PEM. */
  readonly roots: string;
  /** How the two reach RabbitMQ: keys of uplink.rabbitmq. */
  readonly near: Readonly<Record<string, unknown>>;
  readonly influx: RunningInflux;
  /** The store of measurements. */
  readonly points: () => InfluxStore;
  /** Writes a file of one line, and answers its path. */
  readonly secret: (name: string, text: string) => string;
  /** Writes a configuration at the same engines, with these keys of uplink.rabbitmq and of its own, and answers its path. */
  readonly write: (name: string, data: string, rabbitmq: object, own: object) => string;
}

interface Wanted {
  readonly region: Region;
  readonly postgres: PostgresConfig;
  /** Of each of the two; absent: all. */
  readonly roles?: readonly string[];
  /** The RabbitMQ; absent: of one node. */
  readonly startBroker?: typeof startRabbit;
}

/** A region's two clouds with all that they share on this machine: PostgreSQL as configured, InfluxDB, RabbitMQ. Nothing of ours runs yet. */
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
    // JSON is YAML.
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
