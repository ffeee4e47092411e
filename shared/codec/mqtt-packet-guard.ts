/**
 * Watches the fixed headers of an MQTT byte stream (MQTT 3.1.1, 2.2) and reports a packet that announces more bytes than allowed, before
 * anything buffers it.
 */
export class MqttPacketGuard {
  readonly #maxBytes: number;
  #left = 0;
  #inHeader = false;
  #length = 0;
  #shift = 0;
  #packets = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Headers read so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Returns false if a packet is too large or its length is malformed. The caller must then close the connection. */
  take(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const skip = Math.min(this.#left, chunk.length - at);
        this.#left -= skip;
        at += skip;
        continue;
      }
      const byte = chunk[at++]!;
      if (!this.#inHeader) {
        this.#inHeader = true;
        this.#length = 0;
        this.#shift = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift;
      this.#shift += 7;
      if (this.#length > this.#maxBytes) return false;
      if ((byte & 0x80) === 0) {
        this.#packets++;
        this.#left = this.#length;
        this.#inHeader = false;
      } else if (this.#shift > 21) return false;
    }
    return true;
  }
}
