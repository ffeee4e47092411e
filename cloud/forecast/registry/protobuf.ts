/** A minimal protobuf writer: the wire types that ONNX needs (varint, length-delimited, 32 bit). */
export class ProtobufWriter {
  #chunks: Uint8Array[] = [];
  #length = 0;

  varint(field: number, value: number): this {
    this.#tag(field, 0);
    this.#rawVarint(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2);
    this.#rawVarint(value.length);
    this.#push(value);
    return this;
  }

  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.bytes(field, inner.finish());
  }

  /** One field per value, as proto2 encodes unpacked repeated floats. */
  floats(field: number, values: Float32Array): this {
    const bytes = new Uint8Array(values.length * 5);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of values.entries()) {
      bytes[i * 5] = field * 8 + 5;
      view.setFloat32(i * 5 + 1, value, true);
    }
    this.#push(bytes);
    return this;
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  #tag(field: number, wireType: number): void {
    this.#rawVarint(field * 8 + wireType);
  }

  /** Safe integers; negative ones as 64-bit two's complement. */
  #rawVarint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  #push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }
}
