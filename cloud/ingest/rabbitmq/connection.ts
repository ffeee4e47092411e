import type { Socket } from 'node:net';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import type { BrokerAddress } from './address.ts';
import { faultOf } from './faults.ts';
import { goodBye } from './good-bye.ts';

/** AMQP heartbeat. A frozen peer is detected after two to three intervals, and its messages go to another consumer. */
const HEARTBEAT_S = 3;
const CONNECT_TIMEOUT_MS = 10_000;

/** Closes a line after a failure on it. */
export type Lose = (error: Error) => void;

interface Opening {
  /** Connection names shown by the broker. */
  readonly names: readonly string[];
  readonly heartbeatS?: number | undefined;
  /** Called once, when an open line is lost. */
  readonly onClose: (why: string) => void;
}

/**
 * Opens a line over AMQP 0-9-1, on one or more connections. A failure while it opens rejects with the error of the broker or the network
 * and leaves nothing open; a later failure calls `onClose`.
 */
export async function openLine<Line>(
  address: BrokerAddress,
  { names, heartbeatS = HEARTBEAT_S, onClose }: Opening,
  open: (connections: readonly ChannelModel[], lose: Lose) => Promise<Line>,
): Promise<Line> {
  const connections: ChannelModel[] = [];
  let isOpen = false;
  let lost: Error | undefined;
  const lose: Lose = (error) => {
    if (lost !== undefined) return;
    lost = error;
    if (isOpen) onClose(`AMQP: ${error.message}`);
  };
  try {
    for (const name of names) {
      const connection = await connect(placeOf(address, heartbeatS), socketOf(address, name));
      connection.on('error', lose);
      connection.on('close', () => lose(new Error('closed')));
      connections.push(connection);
    }
    const line = await open(connections, lose);
    if (lost !== undefined) throw lost;
    isOpen = true;
    return line;
  } catch (error) {
    await Promise.all(connections.map((connection) => closed(connection)));
    throw faultOf(error, 'amqp', address);
  }
}

/**
 * Closes a connection. Resolves once the broker has everything acknowledged and published on these channels and has confirmed the close, or
 * after the timeout.
 */
export async function closed(
  connection: ChannelModel,
  channels: readonly Channel[] = [],
  timeoutMs?: number,
): Promise<void> {
  const close = async (): Promise<void> => {
    await Promise.allSettled(channels.map((channel) => channel.close()));
    await connection.close();
  };
  // The library's types omit the socket.
  const { stream } = connection.connection as unknown as { readonly stream: Socket };
  await goodBye(close(), () => stream.destroy(new Error('the broker does not confirm the close')), timeoutMs);
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
