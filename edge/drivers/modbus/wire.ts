/** Address of a line of devices. */
export type WireAddress = TcpAddress | SerialAddress;

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export interface SerialAddress {
  /** Path of the port, such as /dev/ttyUSB0. */
  readonly serial: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

export const nameOf = (address: WireAddress): string =>
  'serial' in address ? address.serial : `${address.host}:${address.port}`;

export interface WireHandlers {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  /** Called once, whether it was open or could not be opened. */
  onClose(why: string): void;
}

/** A byte stream to a field device; used once. */
export interface ByteWire {
  write(bytes: Uint8Array): void;
  /** `onClose` is not called afterwards. */
  close(): void;
}

export type OpenWire = (address: WireAddress, handlers: WireHandlers) => ByteWire;
