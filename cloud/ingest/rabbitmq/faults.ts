import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { BrokerAddress } from './address.ts';

type Door = 'amqp' | 'mqtt' | 'management';

/** Why the cloud cannot use a RabbitMQ: the key to check, what is wrong, what would be right. */
export class BrokerFault extends LoadstoneError {
  /** `away`: possibly just the network or a broker that is down. `held`: another cloud holds the place. */
  readonly kind: 'away' | 'held' | 'refused';

  /** `key`: configuration key below uplink.rabbitmq. */
  constructor(key: string, what: string, kind: BrokerFault['kind'] = 'refused') {
    super('LS-BROKER-003', `uplink.rabbitmq.${key}: ${what}`);
    this.kind = kind;
  }
}

const NETWORK = /^(?:ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_)/;

/**
 * The reason why the cloud cannot connect at one of the three ports. The error of a configured file is passed on, because it already
 * explains itself.
 */
export function faultOf(error: unknown, door: Door, address: BrokerAddress): LoadstoneError {
  if (error instanceof LoadstoneError) return error;
  const { code = '', message } = error as { readonly code?: string | number; readonly message: string };
  const { hostname, host } = new URL(address[`${door}Url`]);
  const text = `${code}`;
  if (text === 'ENOTFOUND' || text === 'EAI_AGAIN') return passing('host', `there is no host ${hostname}: ${message}`);
  if (text === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return lasting('host', `the certificate of ${host} is for another name: ${message}`);
  if (/CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(text))
    return lasting('caFile', `the certificate of ${host} is not trusted (${text}): name the CA that issued it`);
  if (/^(?:ERR_SSL|EPROTO)/.test(text))
    return lasting('security', `${host} does not speak TLS 1.3 as required, see its rabbitmq.conf: ${message}`);
  if (NETWORK.test(text) || /timed? ?out|closed the connection|socket hang up|Socket closed/i.test(message))
    return passing(door === 'amqp' ? 'host' : `${door}Port`, `${what[door]} does not answer at ${host}: ${message}`);
  return said(message, address);
}

const what = { amqp: 'RabbitMQ', mqtt: "RabbitMQ's MQTT over TLS", management: "RabbitMQ's management API" } as const;
const passing = (key: string, text: string): BrokerFault => new BrokerFault(key, text, 'away');
const lasting = (key: string, text: string): BrokerFault => new BrokerFault(key, text);

/** Translates the broker's AMQP and MQTT errors. */
function said(message: string, { user, vhost }: BrokerAddress): BrokerFault {
  if (/RESOURCE.LOCKED/.test(message))
    return new BrokerFault(
      'vhost',
      `another cloud already ingests from ${vhost}: stop it, or name another vhost`,
      'held',
    );
  // The library gives no more detail when a vhost is not opened.
  if (/ConnectionOpenOk/.test(message))
    return lasting(
      'vhost',
      `there is no ${vhost}, or ${user} may not use it: run rabbitmqctl add_vhost ${vhost}, then ${grant(user, vhost)}`,
    );
  if (/Login was refused|Bad username or password|ACCESS.REFUSED.*(?:login|credentials)/i.test(message))
    return lasting('passwordFile', `the broker rejects the password of ${user}, or does not know ${user}`);
  if (/Not authorized/i.test(message))
    return lasting(
      'user',
      `${user} may not connect over MQTT: run ${grant(user, vhost)}, and set mqtt.vhost = ${vhost}`,
    );
  if (/ACCESS.REFUSED/.test(message))
    return lasting('user', `${user} lacks a permission: run ${grant(user, vhost)}: ${message}`);
  if (/PRECONDITION.FAILED/.test(message))
    return lasting('vhost', `a queue or exchange of this name exists with other properties: delete it: ${message}`);
  return lasting('host', `the broker answers: ${message}`);
}

const grant = (user: string, vhost: string): string => `rabbitmqctl set_permissions -p ${vhost} ${user} ".*" ".*" ".*"`;
