import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tcpFraming } from '../../edge/drivers/modbus/framing.ts';
import { answerTo, type Registers } from './modbus-unit.ts';

const MAX_BUFFERED = 4096;

/** A Modbus TCP server with several units; a request to an unknown unit gets exception 11, as from gateways. */
export class ModbusServer {
  readonly #units: ReadonlyMap<number, Registers>;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(units: ReadonlyMap<number, Registers>) {
    this.#units = units;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  /** Port 0 picks a free port; returns the port. */
  async start(port: number, host = '127.0.0.1'): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let buffer: Uint8Array = new Uint8Array(0);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      buffer = Buffer.concat([buffer, bytes]);
      for (;;) {
        const decoded = tcpFraming.decode(buffer);
        if (decoded.kind === 'broken' || buffer.length > MAX_BUFFERED) return void socket.destroy();
        if (decoded.kind === 'more') return;
        buffer = decoded.rest;
        const { unit, transaction, pdu } = decoded.frame;
        const registers = this.#units.get(unit);
        const answer = registers === undefined ? Uint8Array.of(pdu[0]! | 0x80, 11) : answerTo(pdu, registers);
        socket.write(tcpFraming.encode({ unit, transaction, pdu: answer }));
      }
    });
  }
}
