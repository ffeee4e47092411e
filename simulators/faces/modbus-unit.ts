/** The registers of one unit. */
export interface Registers {
  /** Undefined if the register does not exist. */
  read(address: number): number | undefined;
  /** Returns a Modbus exception, or undefined if the write is accepted. */
  write(address: number, words: readonly number[]): Exception | undefined;
}

/** Illegal function, address or value, failure (Modbus Application Protocol V1.1b3, 7). */
export type Exception = 1 | 2 | 3 | 4;

const MAX_READ = 125;
const MAX_WRITE = 123;

/** Answers a request with function 3, 4, 6 or 16. */
export function answerTo(request: Uint8Array, registers: Registers): Uint8Array {
  const code = request[0] ?? 0;
  const refuse = (exception: Exception): Uint8Array => Uint8Array.of(code | 0x80, exception);
  const word = (at: number): number => ((request[at] ?? 0) << 8) | (request[at + 1] ?? 0);
  switch (code) {
    case 3:
    case 4: {
      const [address, count] = [word(1), word(3)];
      if (request.length !== 5 || count < 1 || count > MAX_READ) return refuse(3);
      const words = Array.from({ length: count }, (_, at) => registers.read(address + at));
      if (words.some((each) => each === undefined)) return refuse(2);
      return Uint8Array.of(code, 2 * count, ...words.flatMap((each) => [each! >> 8, each! & 0xff]));
    }
    case 6: {
      if (request.length !== 5) return refuse(3);
      const exception = registers.write(word(1), [word(3)]);
      return exception === undefined ? request.slice() : refuse(exception);
    }
    case 16: {
      const count = word(3);
      if (count < 1 || count > MAX_WRITE || request.length !== 6 + 2 * count || request[5] !== 2 * count)
        return refuse(3);
      const exception = registers.write(
        word(1),
        Array.from({ length: count }, (_, at) => word(6 + 2 * at)),
      );
      return exception === undefined ? request.slice(0, 5) : refuse(exception);
    }
    default:
      return refuse(1);
  }
}
