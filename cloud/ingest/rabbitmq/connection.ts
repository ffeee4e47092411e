import { connect, type ChannelModel } from 'amqplib';
import type { BrokerAddress } from './address.ts';

/** Who is frozen is found by this, and what it has goes to others. */
const HEARTBEAT_S = 8;
const CONNECT_TIMEOUT_MS = 10_000;

/** A connection over AMQP 0-9-1. `what`: its name in the broker's lists. */
export function openConnection(address: BrokerAddress, what: string, heartbeatS = HEARTBEAT_S): Promise<ChannelModel> {
  return connect(placeOf(address, heartbeatS), socketOf(address, what));
}

function placeOf({ amqpUrl, vhost, user, password }: BrokerAddress, heartbeat: number) {
  const { protocol, hostname, port } = new URL(amqpUrl);
  return {
    protocol: protocol.replace(':', ''),
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    vhost,
    username: user,
    password,
    heartbeat,
  };
}

const socketOf = ({ roots }: BrokerAddress, what: string) => ({
  timeout: CONNECT_TIMEOUT_MS,
  noDelay: true,
  clientProperties: { connection_name: `loadstone ${what}` },
  ...(roots === undefined ? {} : { ca: [roots] }),
});
