import { Type, type Static } from 'typebox';
import { isHome } from '../../../shared/config/is-home.ts';
import type { RefuseConfig } from '../../../shared/config/read-config.ts';
import { readNamed } from '../../../shared/files/named-file.ts';
import type { BrokerAddress } from './address.ts';

const Name = (fallback: string, description: string) =>
  Type.String({ minLength: 1, maxLength: 128, pattern: '^\\S+$', default: fallback, description });
const Port = (description: string) => Type.Integer({ minimum: 1, maximum: 65_535, description });

/** A RabbitMQ that gateways connect to in place of the cloud. Secrets are files. */
export const RabbitConfig = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: '^\\S+$',
      description: 'the broker: a name or an address, by which gateways know it too unless it is this machine',
    }),
    passwordFile: Type.String({ minLength: 1, description: 'file with the password of user, read at each connection' }),
    user: Name('loadstone', 'it has the tag administrator, as it makes the users of gateways, and all rights in vhost'),
    vhost: Name('/', 'of this cloud alone; the same as mqtt.vhost of the broker'),
    security: Type.Union([Type.Literal('tls'), Type.Literal('none')], {
      default: 'tls',
      description: 'of AMQP and the management; none: to a broker on this machine alone. MQTT is over TLS in any case',
    }),
    caFile: Type.String({
      default: '',
      description: 'certificate of the authority of the broker (PEM); empty: the authority of "loadstone pki"',
    }),
    amqpPort: Type.Optional(Port('absent: 5671, without TLS 5672')),
    managementPort: Type.Optional(Port('absent: 15671, without TLS 15672')),
    mqttPort: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 8883,
      description: 'where gateways connect, and where the cloud leaves its will',
    }),
  },
  { additionalProperties: false },
);
export type RabbitConfig = Static<typeof RabbitConfig>;

/** Checks what the schema cannot express, and refuses uplink keys that have no meaning with RabbitMQ. */
export function checkRabbit(
  uplink: {
    readonly rabbitmq?: RabbitConfig;
    readonly port: number;
    readonly plainPort?: number;
    readonly usersFile: string;
  },
  refuse: RefuseConfig,
): void {
  const { rabbitmq, port, plainPort, usersFile } = uplink;
  if (rabbitmq === undefined) return;
  const no = (key: string, text: string): void => refuse(`/uplink/${key}`, 'LS-CONFIG-002', text);
  const { host, security } = rabbitmq;
  if (host.includes('://') || host.includes('@'))
    no(
      'rabbitmq/host',
      `${host.replace(/^.*@/, '...@')} is an address of more than a host: the rest stands in keys of its own`,
    );
  else if (/^[^:[\]]+:\d+$/.test(host)) no('rabbitmq/host', `${host}: write the number into amqpPort`);
  else if (security === 'none' && !isHome(host))
    no('rabbitmq/security', `none is for a broker on this machine; ${host} is another one: leave it out`);
  if (isHome(host) && port === rabbitmq.mqttPort)
    no(
      'port',
      `${port} is the broker's, see rabbitmq.mqttPort: give enrolment another one on this machine, such as 8884`,
    );
  const gone = 'says nothing beside uplink.rabbitmq, where gateways come by certificate alone: leave it out';
  if (plainPort !== undefined) no('plainPort', gone);
  if (usersFile !== '') no('usersFile', gone);
}

/**
 * The broker's address. Secrets are read again at each connection, so a changed password or CA takes effect then. Throws LS-CONFIG-003 if a
 * configured file is missing or empty. `roots`: certificates of the cloud's own authority, PEM; absent for a node, which has none and sets
 * caFile.
 */
export function rabbitAddress(config: RabbitConfig, roots = () => ''): BrokerAddress {
  const { host, vhost, user, passwordFile, security, caFile, mqttPort } = config;
  const isTls = security === 'tls';
  const name = host.includes(':') ? `[${host}]` : host;
  const address: BrokerAddress = {
    amqpUrl: `${isTls ? 'amqps' : 'amqp'}://${name}:${config.amqpPort ?? (isTls ? 5671 : 5672)}`,
    mqttUrl: `mqtts://${name}:${mqttPort}`,
    managementUrl: `${isTls ? 'https' : 'http'}://${name}:${config.managementPort ?? (isTls ? 15_671 : 15_672)}`,
    vhost,
    user,
    get password() {
      return readNamed('uplink.rabbitmq.passwordFile', passwordFile);
    },
    get roots() {
      return caFile === '' ? roots() : readNamed('uplink.rabbitmq.caFile', caFile);
    },
  };
  assertFiles(address);
  return address;
}

const assertFiles = ({ password, roots }: BrokerAddress): unknown => [password, roots];
