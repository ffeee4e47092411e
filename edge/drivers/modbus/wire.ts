/** Where a line of devices is reached. */
export interface WireAddress {
  readonly host: string;
  readonly port: number;
}

export interface WireHandlers {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  /** Once, whether it was open or could not be opened. */
  onClose(why: string): void;
}

/** A stream of bytes to a field device: opened once, then thrown away. */
export interface ByteWire {
  write(bytes: Uint8Array): void;
  /** `onClose` is not called any more. */
  close(): void;
}

export type OpenWire = (address: WireAddress, handlers: WireHandlers) => ByteWire;
