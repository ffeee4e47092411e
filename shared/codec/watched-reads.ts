/**
 * Passes everything that is read from a socket through `admits` before the reader gets it. If `admits` returns false, the reader gets
 * nothing. Each read returns everything that has arrived. aedes reads once per `readable` event, but from Node 26 on a read returns only
 * one piece: the end of a message in several TLS records would stay unread until more arrived, or until the gateway was disconnected for
 * its silence.
 */
export function watchReads(
  socket: { read(size?: number): unknown },
  admits: (bytes: Uint8Array) => boolean,
  isHeld: () => boolean = () => false,
): void {
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    // Node itself calls read(0) to trigger more input.
    if (size === 0) return read(0);
    if (isHeld()) return null;
    const pieces: Uint8Array[] = [];
    for (let piece = read(); piece instanceof Uint8Array; piece = read()) pieces.push(piece);
    if (pieces.length === 0) return null;
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    return admits(bytes) ? bytes : null;
  };
}
