import { connect } from 'node:net';
import type { OpenWire, TcpAddress } from './wire.ts';

/** A TCP connection. Small frames are sent at once, and keep-alive probes detect a vanished peer. */
export const openTcpWire = ({ host, port }: TcpAddress, handlers: Parameters<OpenWire>[1]): ReturnType<OpenWire> => {
  let why = 'closed by the device';
  let closed = false;
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
  socket.on('connect', () => handlers.onOpen());
  socket.on('data', (bytes: Buffer) => handlers.onBytes(bytes));
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.on('close', () => {
    if (!closed) handlers.onClose(why);
  });
  return {
    write: (bytes) => void socket.write(bytes),
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
};
