/**
 * Has `admits` see all that is read from a socket before its reader does; where it says no, nothing is given. A read gives all that has
 * come. aedes reads once when it is told that there is something, and from Node 26 on a read gives one piece of it: the end of a message in
 * several TLS records lay unread until more came, or the gateway was cut off for its silence.
 */
export function watchReads(
  socket: { read(size?: number): unknown },
  admits: (bytes: Uint8Array) => boolean,
  isHeld: () => boolean = () => false,
): void {
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    // Node itself asks so for more to come.
    if (size === 0) return read(0);
    if (isHeld()) return null;
    const pieces: Uint8Array[] = [];
    for (let piece = read(); piece instanceof Uint8Array; piece = read()) pieces.push(piece);
    if (pieces.length === 0) return null;
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    return admits(bytes) ? bytes : null;
  };
}
