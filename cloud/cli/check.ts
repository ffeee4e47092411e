import { resolve } from 'node:path';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { readConfig } from '../../shared/config/read-config.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { isCloudFolder } from '../compose/state.ts';
import { CLOUD_UNIT, cloudChecks, CloudConfig } from '../config.ts';
import { checkBroker } from '../ingest/rabbitmq/check-broker.ts';
import { BrokerFault } from '../ingest/rabbitmq/faults.ts';
import { rabbitAddress } from '../ingest/rabbitmq/rabbitmq-config.ts';
import { openNodeWire } from '../nodes/amqp-wire.ts';
import { hasAuthority, pkiFiles, readPki } from '../pki/authority-files.ts';
import { readRegion } from '../region/read-region.ts';
import { postgresOptions } from '../sql/postgres-config.ts';
import type { Beside, Succession } from '../sql/postgres-hold.ts';
import { Postgres } from '../sql/postgres.ts';
import { AmqpNodeLine } from '../task-queue/amqp-node-line.ts';
import { byLane } from '../task-queue/lanes.ts';
import { influxServerOf } from '../telemetry/compose-store.ts';
import { InfluxQuery } from '../telemetry/influx-query.ts';
import { influxVersion } from '../telemetry/influx-server.ts';
import { lockIfFree, readText } from './data-folder.ts';

const HELP = `usage: loadstone cloud check [--config FILE] [--data DIR]

Checks what the cloud needs, before it starts or while it runs: the configuration, the region and the certificate authority; if they are
configured, also InfluxDB (telemetry.url), PostgreSQL (state.postgres), the cloud that holds it (standby) and RabbitMQ (uplink.rabbitmq).
It reads from InfluxDB and writes nothing there. It connects to RabbitMQ by AMQP, MQTT and the management API as the cloud does, creates
missing queues, and sends one message from MQTT to AMQP. For a node (roles: [job] or [api]) it checks the configuration and connects to
RabbitMQ as the node does, for an api node to PostgreSQL too. Each error names its key and the remedy.

  --config FILE   configuration of the cloud
  --data DIR      data folder of the cloud
  --help          this text

examples:
  loadstone cloud check --config /etc/loadstone/cloud.yaml

exit codes: 0 no fault, 1 a fault was found, 2 configuration or usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, { config: { type: 'string' }, data: { type: 'string' } });
  if (values.help) return writeHelp(HELP);
  const { config: file = 'defaults' } = values;
  const text = values.config === undefined ? '' : readText(file);
  const config = readConfig(
    CloudConfig,
    { file, text, env: process.env, flags: { data: values.data }, unit: CLOUD_UNIT },
    cloudChecks,
  );
  const data = resolve(config.data);
  const isOwner = config.roles.includes('owner');
  const region = isOwner ? readRegion(config.region) : undefined;
  say('configuration', `${file}: no fault`);
  if (region !== undefined) {
    const { id, substations } = region;
    say('region', `${id}, ${substations.length} ${substations.length === 1 ? 'substation' : 'substations'}`);
    say('authority', hasAuthority(data) ? pkiFiles(data).folder : 'none; create one with "loadstone pki init"');
  }
  const looks = isOwner
    ? [() => lookAtInflux(config), () => lookAtPostgres(config), () => lookAtRabbit(data, config)]
    : config.roles.includes('api')
      ? [() => lookAtPostgres(config), () => lookAsApiNode(config)]
      : [() => lookAsJobNode(config)];
  let code = 0;
  for (const look of looks)
    try {
      await look();
    } catch (error) {
      if (!(error instanceof LoadstoneError)) throw error;
      process.stderr.write(`${error.code}: ${error.message}\n`);
      code = 1;
    }
  return code;
}

const say = (what: string, found: string): void => void process.stdout.write(`${what.padEnd(15)}${found}\n`);

/** Only a read shows whether the server knows the database and accepts the token. */
async function lookAtInflux({ telemetry }: CloudConfig): Promise<void> {
  if (telemetry.kind !== 'influxdb') return;
  const server = influxServerOf(telemetry);
  const version = await influxVersion(server);
  const query = new InfluxQuery(server);
  try {
    const gateways = await query.gateways();
    say(
      'InfluxDB',
      `${version}.x at ${telemetry.url} has values of ${gateways.length} gateways in ${telemetry.database}`,
    );
  } catch (error) {
    const isMissing = error instanceof LoadstoneError && /database not found/i.test(error.message);
    if (!isMissing || version !== 1) throw error;
    say('InfluxDB', `1.x at ${telemetry.url}; the start creates ${telemetry.database}`);
  } finally {
    query.close();
  }
}

async function lookAtPostgres({ roles, standby, state }: CloudConfig): Promise<void> {
  if (state.postgres === undefined) return;
  const postgres = new Postgres({ ...postgresOptions(state.postgres), isReader: true });
  try {
    await postgres.look('SELECT 1');
    say('PostgreSQL', `${postgres.where} answers`);
    if (!roles.includes('owner'))
      say(
        'owner',
        (await postgres.nodeKey()) === undefined ? 'no owner has accepted api nodes yet' : 'has a key for this node',
      );
    if (standby !== undefined) say('standby', standbyOf(await postgres.succession(), await postgres.beside()));
  } finally {
    await postgres.close();
  }
}

function standbyOf({ holder, term, silentS }: Succession, beside: Beside | undefined): string {
  if (holder === undefined) return 'no cloud holds the database';
  const said =
    silentS === undefined ? 'which has an older version' : `term ${term}, last renewed ${Math.round(silentS)} s ago`;
  return `held by ${holder}, ${said}${beside?.shared === undefined ? '; it shares no keys, so no standby can take over' : ''}`;
}

async function lookAtRabbit(data: string, { uplink: { rabbitmq }, standby }: CloudConfig): Promise<void> {
  if (rabbitmq === undefined) return;
  if (standby !== undefined && !hasAuthority(data))
    return say('RabbitMQ', 'not checked: there is no authority yet; a standby gets it from the other cloud');
  const address = rabbitAddress(rabbitmq, () => readPki(pkiFiles(data).roots));
  // Another machine's cloud may hold the place as well.
  const isRunning = standby !== undefined || (isCloudFolder(data) && lockIsTaken(data));
  try {
    const version = await checkBroker(address, new SystemClock(() => undefined).machine, isRunning ? 0 : undefined);
    say('RabbitMQ', `${version} at ${rabbitmq.host} accepts the cloud`);
  } catch (error) {
    if (!isRunning || !(error instanceof BrokerFault) || error.kind !== 'held') throw error;
    say('RabbitMQ', `the running cloud is connected to ${rabbitmq.host}; stop it for the full check`);
  }
}

/** Connects like an api node, without any request. */
async function lookAsApiNode({ uplink: { rabbitmq } }: CloudConfig): Promise<void> {
  if (rabbitmq === undefined) return;
  const nothing = (): void => undefined;
  const wire = await openNodeWire(rabbitAddress(rabbitmq), {
    onLetter: nothing,
    onSent: nothing,
    onReturned: nothing,
    onClose: nothing,
  });
  await wire.end();
  say('RabbitMQ', `at ${rabbitmq.host} accepts the api node`);
}

/** Connects like a job node, without taking a task. */
async function lookAsJobNode({ uplink: { rabbitmq } }: CloudConfig): Promise<void> {
  if (rabbitmq === undefined) return;
  const line = await AmqpNodeLine.open({
    address: rabbitAddress(rabbitmq),
    threads: byLane(() => 0),
    onTask: () => undefined,
    onClose: () => undefined,
  });
  await line.end();
  say('RabbitMQ', `at ${rabbitmq.host} accepts the job node`);
}

function lockIsTaken(data: string): boolean {
  const lock = lockIfFree(data);
  lock?.release();
  return lock === undefined;
}
