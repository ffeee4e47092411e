import { encode } from '../../edge/drivers/modbus/registers.ts';
import type { RegisterType } from '../../edge/drivers/modbus/schema.ts';
import type { Exception, Registers } from './modbus-unit.ts';
import { layouts } from './sunspec-models.ts';

interface Field {
  readonly address: number;
  readonly type: RegisterType | number;
  readonly absent: number;
}

const kinds: Readonly<Record<string, readonly [type: RegisterType, absent: number]>> = {
  i: ['int16', -0x8000],
  s: ['int16', -0x8000],
  u: ['uint16', 0xffff],
  e: ['uint16', 0xffff],
  I: ['int32', -0x8000_0000],
  U: ['uint32', 0xffff_ffff],
  Q: ['uint64', 0],
  f: ['float32', Number.NaN],
};

const BASE = 40_000;
const NAN_WORDS = [0x7fc0, 0];

/** The register map of a SunSpec device: marker, models, end. Points that were never set read "not implemented". */
export class SunspecRegisters implements Registers {
  readonly #words = new Map<number, number>();
  /** Words as last written by the master; values shown later by the device do not change them. */
  readonly #written = new Map<number, number>();
  readonly #fields = new Map<string, Field>();
  readonly #writable: ReadonlySet<string>;
  readonly #owners = new Map<number, string>();
  readonly #onWrite: (points: ReadonlySet<string>) => void;
  /** The address after the last register. */
  readonly end: number;

  /** `writable` and the points passed to `onWrite` are named `model.point`. */
  constructor(
    models: readonly number[],
    writable: readonly string[],
    onWrite: (points: ReadonlySet<string>) => void,
    base = BASE,
  ) {
    this.#writable = new Set(writable);
    this.#onWrite = onWrite;
    this.#put(base, [0x5375, 0x6e53]);
    let address = base + 2;
    for (const model of models) address = this.#lay(model, address);
    this.#put(address, [0xffff, 0]);
    this.end = address + 2;
  }

  #lay(model: number, address: number): number {
    let at = address + 2;
    for (const point of layouts[model]!.split(' ')) {
      const [name, kind] = point.split(':') as [string, string];
      const text = /^t(\d+)$/.exec(kind);
      const [type, absent] = text === null ? kinds[kind]! : [Number(text[1]), 0];
      const key = `${model}.${name}`;
      this.#fields.set(key, { address: at, type, absent });
      const words = typeof type === 'number' ? Array.from({ length: type }, () => 0) : wordsFor(type, absent);
      for (let offset = 0; offset < words.length; offset++) this.#owners.set(at + offset, key);
      this.#put(at, words);
      at += words.length;
    }
    this.#put(address, [model, at - address - 2]);
    return at;
  }

  /** Sets a raw number, already in the point's scale. */
  set(point: string, value: number): void {
    const { address, type } = this.#field(point);
    if (typeof type === 'number') throw new Error(`${point} is text`);
    const words = wordsFor(type, value);
    this.#put(address, words);
  }

  text(point: string, text: string): void {
    const { address, type } = this.#field(point);
    const bytes = Buffer.alloc(2 * Number(type));
    bytes.write(text, 'latin1');
    this.#put(
      address,
      Array.from({ length: Number(type) }, (_, at) => bytes.readUInt16BE(2 * at)),
    );
  }

  get(point: string): number {
    return this.#number(point, (address) => this.#words.get(address)!);
  }

  /** The value last written by the master; otherwise the current one. */
  written(point: string): number {
    return this.#number(point, (address) => this.#written.get(address) ?? this.#words.get(address)!);
  }

  #number(point: string, wordAt: (address: number) => number): number {
    const { address, type } = this.#field(point);
    const word = (offset: number): number => wordAt(address + offset);
    const view = new DataView(new ArrayBuffer(4));
    view.setUint16(0, word(0));
    if (type === 'int16') return view.getInt16(0);
    if (type === 'uint16') return view.getUint16(0);
    view.setUint16(2, word(1));
    return type === 'int32' ? view.getInt32(0) : view.getUint32(0);
  }

  /** The point names of a model that start with `beginning`, without that prefix. */
  names(model: number, beginning = ''): string[] {
    const start = `${model}.${beginning}`;
    return [...this.#fields.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  }

  read(address: number): number | undefined {
    return this.#words.get(address);
  }

  write(address: number, words: readonly number[]): Exception | undefined {
    const points = words.map((_, at) => this.#owners.get(address + at));
    if (points.some((point) => point === undefined || !this.#writable.has(point))) return 2;
    this.#put(address, words);
    for (const [at, word] of words.entries()) this.#written.set(address + at, word);
    this.#onWrite(new Set(points as string[]));
    return undefined;
  }

  #field(point: string): Field {
    const field = this.#fields.get(point);
    if (field === undefined) throw new Error(`the device has no point ${point}`);
    return field;
  }

  #put(address: number, words: readonly number[]): void {
    for (const [at, word] of words.entries()) this.#words.set(address + at, word);
  }
}

function wordsFor(type: RegisterType, value: number): number[] {
  if (Number.isNaN(value)) return NAN_WORDS;
  const words = encode(type, value);
  if (words === undefined) throw new Error(`${value} does not fit into a ${type}`);
  return words;
}
