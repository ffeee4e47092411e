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
      description: 'host name or address of the broker; gateways use the same, unless it is this machine',
    }),
    passwordFile: Type.String({
      minLength: 1,
      description: 'file with the password of the user, read at each connection',
    }),
    user: Name(
      'loadstone',
      'user with the tag administrator (it creates the users of gateways) and all permissions in the vhost',
    ),
    vhost: Name('/', 'virtual host for this cloud alone; the same as mqtt.vhost of the broker'),
    security: Type.Union([Type.Literal('tls'), Type.Literal('none')], {
      default: 'tls',
      description:
        'security of AMQP and the management API; none: only for a broker on this machine. MQTT always uses TLS',
    }),
    caFile: Type.String({
      default: '',
      description: 'CA certificate of the broker (PEM); empty: the authority of "loadstone pki"',
    }),
    amqpPort: Type.Optional(Port('absent: 5671, or 5672 without TLS')),
    managementPort: Type.Optional(Port('absent: 15671, or 15672 without TLS')),
    mqttPort: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 8883,
      description: 'MQTT port to which gateways connect, and the cloud for its will',
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
      `${host.replace(/^.*@/, '...@')} is more than a host: write the host alone, and the rest into the other keys`,
    );
  else if (/^[^:[\]]+:\d+$/.test(host)) no('rabbitmq/host', `${host}: write the number into amqpPort`);
  else if (security === 'none' && !isHome(host))
    no('rabbitmq/security', `none is only for a broker on this machine, but ${host} is another one: use tls`);
  if (isHome(host) && port === rabbitmq.mqttPort)
    no(
      'port',
      `${port} is the port of the broker on this machine (rabbitmq.mqttPort): choose another one for enrolment, such as 8884`,
    );
  const gone = 'has no effect with uplink.rabbitmq, where gateways connect only by certificate: remove it';
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
