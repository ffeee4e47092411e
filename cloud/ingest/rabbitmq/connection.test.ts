import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { BrokerAddress } from './address.ts';
import { closed, openLine } from './connection.ts';
import { HostLine } from './host-line.ts';

/** An AMQP frame with a method of the class "connection". */
function frame(method: number, ...fields: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([0, 10, 0, method]), ...fields]);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

const long = (text: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);

const ANSWERS = {
  AMQP: frame(10, Buffer.from([0, 9, 0, 0, 0, 0]), long('PLAIN'), long('en_US')),
  startOk: frame(30, Buffer.from([0, 100, 0, 1, 0, 0, 0, 0])),
  open: frame(41, Buffer.from([0])),
  close: frame(51),
};

/** A broker that answers with `hear` and never closes a connection. */
async function brokerOf(t: TestContext, hear: (data: Buffer, socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('data', (data: Buffer) => hear(data, socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const address: BrokerAddress = {
    amqpUrl: `amqp://127.0.0.1:${port}`,
    mqttUrl: `mqtt://127.0.0.1:${port}`,
    managementUrl: '',
    vhost: '/',
    user: 'loadstone',
    password: 'secret',
  };
  return { address, sockets };
}

/** An AMQP connection to a broker that confirms the close only if `isThere`. */
async function connectionTo(t: TestContext, { isThere }: { isThere: boolean }) {
  const { address, sockets } = await brokerOf(t, (data, socket) => {
    const asks = (method: number): boolean => data.includes(Buffer.from([0, 10, 0, method]));
    if (data.includes('AMQP\0\0\t')) socket.write(ANSWERS.AMQP);
    if (asks(11)) socket.write(ANSWERS.startOk);
    if (asks(40)) socket.write(ANSWERS.open);
    if (asks(50) && isThere) socket.write(ANSWERS.close);
  });
  const reasons: string[] = [];
  const connection = await openLine(
    address,
    { names: ['test'], onClose: (why) => reasons.push(why) },
    async ([first]) => Promise.resolve(first!),
  );
  return { connection, socket: sockets[0]!, reasons };
}

test('closing a connection waits for the broker to confirm', async (t) => {
  const { connection, reasons } = await connectionTo(t, { isThere: true });
  await closed(connection, [], 2 ** 31 - 1);
  assert.deepEqual(reasons, ['AMQP: closed']);
  await closed(connection, [], 2 ** 31 - 1);
});

test('an AMQP connection to a vanished broker is cut', async (t) => {
  const { connection, socket, reasons } = await connectionTo(t, { isThere: false });
  const cut = once(socket, 'end');
  await closed(connection, [], 10);
  await cut;
  assert.deepEqual(reasons, ['AMQP: the broker does not confirm the close']);
});

test('an MQTT connection to a vanished broker is cut', async (t) => {
  const CONNACK = Buffer.from([0x20, 2, 0, 0]);
  const { address } = await brokerOf(t, (data, socket) => data[0] === 0x10 && socket.write(CONNACK));
  const closedFor = Promise.withResolvers<string>();
  const line = await HostLine.open({
    address,
    clientId: 'test',
    will: undefined,
    filters: [],
    onMessage: () => undefined,
    onClose: closedFor.resolve,
  });
  await line.end(10);
  assert.equal(await closedFor.promise, 'MQTT: the broker closed the connection');
});
