import type { Socket } from 'node:net';
import type { TimeBase } from '../../shared/time/clock.ts';

export const LINGER_MS = 2_000;

/**
 * Ends a connection whose last answer may still be on its way: once all of it is written, what the other side goes on to send is read and
 * dropped for a while, since closing over unread bytes resets the connection and takes the answer along (RFC 9112, 9.6). Who reads slowly
 * has all the time that the connection's own limit of silence gives.
 */
export function letGo(socket: Socket, time: Pick<TimeBase, 'after'>): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.resume();
  socket.end(() => {
    if (socket.destroyed) return;
    const timer = time.after(LINGER_MS, () => void socket.destroy());
    socket.once('close', () => timer.cancel());
  });
}
