import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { documentKeys } from '../../cloud/pki/document-keys.ts';
import { makeToken } from '../../cloud/pki/tokens.ts';
import { userLine } from '../../edge/drivers/device-users.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { rabbitPorts, startRabbit, type RunningRabbit } from '../testing/rabbitmq.ts';
import { Certificates } from './certificates.ts';
import { tellReadings } from './device.ts';
import { Door } from './door.ts';
import { devicePassword, DEVICES, gatewayYaml } from './gateway-yaml.ts';
import { HELD, HeldGateway, now } from './held-gateway.ts';
import { Person } from './person.ts';
import { Stage, type Crew } from './stage.ts';
import { ran, Started } from './started.ts';
import { UplinkPlace, type BrokerName } from './uplink-place.ts';

export interface Instance {
  readonly stage: Stage;
  stop(): Promise<void>;
}

/** The notice that everybody must read before signing in. */
export const NOTICE = 'For staff alone. What you do is recorded.';

/** The gateway that is connected to the cloud. */
export const GATEWAY = 'owd-01';

/**
 * Starts a separate cloud with page, API and uplinks over TLS by its own authority; a gateway that enrols there with a token; and a gateway
 * at the attacker's broker. `broker`: the cloud's broker.
 */
export async function startInstance(broker: BrokerName, tell: (line: string) => void): Promise<Instance> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-attack-'));
  const ended: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ended.toReversed()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    tell('starting a cloud');
    const data = join(folder, 'cloud');
    mkdirSync(data);
    const certificates = await Certificates.make(data);
    const config = join(folder, 'cloud.yaml');
    const held = HeldGateway.start(join(folder, 'held'), certificates);
    ended.push(async () => (await held.catch(() => undefined))?.stop());
    held.catch(() => undefined);
    const rabbit = broker === 'RabbitMQ' ? await rabbitIn(folder, certificates) : undefined;
    if (rabbit !== undefined) ended.push(() => rabbit.stop());
    writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd', 'wls', 'hal'])));
    writeFileSync(
      config,
      stringify({
        region: join(folder, 'region.json'),
        data,
        uplink: { port: 0, ...(rabbit === undefined ? {} : { rabbitmq: rabbitKeys(rabbit, folder) }) },
        api: { port: 0, tls: {}, notice: NOTICE },
      }),
    );
    const cloud = new Started('cloud', '--config', config);
    ended.push(() => cloud.end('SIGTERM'));
    const url = await cloud.says(/Loadstone cloud: (\S+)/);
    const enrolmentPort = Number(await cloud.says(/(?:uplinks|enrolment) on 127\.0\.0\.1:(\d+)/));
    const { roots } = certificates;
    const place = { broker, enrolmentPort };
    const uplink = new UplinkPlace('127.0.0.1', rabbit?.gatewayPort ?? enrolmentPort, roots, place);
    const once = await cloud.says(/one-time password (\S+);/);
    const door = new Door(url, roots);
    tell('enrolling a gateway, and starting another on the broker of the attacker');
    const [gateway, crew] = await Promise.all([
      enrolled(join(folder, 'gateway'), { data, uplink }, ended),
      people(door, once, config),
      comesIn(uplink, await certificates.gateway(HELD)),
    ]);
    const stage = new Stage({
      door,
      crew,
      certificates,
      uplink,
      cloud: { started: cloud, config, data },
      ...(rabbit === undefined ? {} : { broker: rabbit }),
      gateway,
      held: await held,
      folder,
    });
    return { stage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const passwordIn = (folder: string): string => join(folder, 'rabbitmq-password');

async function rabbitIn(folder: string, certificates: Certificates): Promise<RunningRabbit> {
  const tls = { server: await certificates.server(), roots: certificates.roots };
  const rabbit = await startRabbit({ dir: join(folder, 'rabbitmq'), tls });
  writeFileSync(passwordIn(folder), rabbit.address.password, { mode: 0o600 });
  return rabbit;
}

const rabbitKeys = (rabbit: RunningRabbit, folder: string): object => ({
  host: '127.0.0.1',
  user: rabbit.address.user,
  passwordFile: passwordIn(folder),
  security: 'none',
  ...rabbitPorts(rabbit),
});

/** A separate broker learns of the gateways a little later. Until then a refusal proves nothing. */
const comesIn = (uplink: UplinkPlace, pem: string): Promise<unknown> =>
  until(`${HELD} is admitted`, async () => (await uplink.answerTo(HELD, pem)).endsWith(' was admitted'));

interface Place {
  readonly data: string;
  readonly uplink: UplinkPlace;
}

/** Enrols a gateway as a field engineer does: token, enrolment, daemon. */
async function enrolled(folder: string, { data, uplink }: Place, ended: Instance['stop'][]): Promise<Started> {
  const { port, enrolmentPort, roots } = uplink;
  mkdirSync(folder);
  const config = await gatewayYaml(folder, {
    id: GATEWAY,
    substation: 'owd',
    url: `mqtts://127.0.0.1:${port}`,
    pem: '',
    roots,
    keys: documentKeys(data).keys as never,
    userLines: await Promise.all(DEVICES.map((name) => userLine(name, devicePassword(name)))),
  });
  const token = join(folder, 'token');
  writeFileSync(token, makeToken(data, GATEWAY, { now: now() }), { mode: 0o600 });
  const authority = `https://127.0.0.1:${enrolmentPort}`;
  const done = await ran('edge', 'enrol', authority, '--token-file', token, '--config', config);
  if (done.code !== 0) throw new Error(`${GATEWAY} could not enrol: ${done.said}`);
  const daemon = new Started('edge', '--config', config);
  ended.push(() => daemon.end());
  await tellReadings(daemon);
  return daemon;
}

async function people(door: Door, once: string, config: string): Promise<Crew> {
  const made = await ran('cloud', 'people', 'put', 'adam', '--roles', 'admin', '--config', config);
  const given = /One-time password of adam: (\S+);/.exec(made.said)?.[1];
  if (given === undefined) throw new Error(`no second admin: ${made.said}`);
  const [admin, deputy] = [await Person.first(door, 'admin', once), await Person.first(door, 'adam', given)];
  const admins = { admin, deputy };
  const [operator, viewer] = await Promise.all([hire(admins, 'olga', 'operator'), hire(admins, 'vera', 'viewer')]);
  return { ...admins, operator, viewer };
}

/**
 * Creates a new user and signs in: one admin requests, the other confirms. If that defence is removed, the first admin's request suffices.
 */
export async function hire(
  { admin, deputy }: Pick<Crew, 'admin' | 'deputy'>,
  name: string,
  role: string,
): Promise<Person> {
  const wish = { method: 'PUT', body: { roles: [role], areas: '*' } };
  const asked = await admin.asks(`/v1/users/${name}`, wish);
  const made = asked.status === 200 ? asked : await deputy.asks(`/v1/users/${name}`, wish);
  const { oneTimePassword } = JSON.parse(made.text) as { readonly oneTimePassword: string };
  return Person.first(admin.door, name, oneTimePassword);
}
