/**
 * A minimal WebAssembly writer, with only what these kernels need. Each function returns the bytes of an expression or statement, operands
 * first. Hexadecimal numbers are opcodes of the WebAssembly specification, "Binary Format".
 */
export type Code = readonly number[];

/** Index of a parameter or local variable. */
export type Local = number;

type ValueType = 'i32' | 'v128';
const typeByte: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };

function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

const text = (value: string): Code => list(Array.from(value, (letter) => [letter.charCodeAt(0)]));
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => {
  const body = list(items);
  return [id, ...unsigned(body.length), ...body];
};

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
const binary =
  (operation: Code) =>
  (a: Code, b: Code): Code => [...a, ...b, ...operation];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: binary([0x6a]),
  below: binary([0x49]),
  notBelow: binary([0x4f]),
  load: (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)],
};

/** Two 64-bit floating-point numbers. */
export const f64x2 = {
  load: (address: Code, offset: number): Code => [...address, ...simd(0x00), 4, ...unsigned(offset)],
  /** Loads one number into both lanes. */
  loadBoth: (address: Code, offset: number): Code => [...address, ...simd(0x0a), 3, ...unsigned(offset)],
  /** Loads one number into one lane of a vector. */
  loadLane: (address: Code, vector: Code, lane: 0 | 1): Code => [...address, ...vector, ...simd(0x57), 3, 0, lane],
  store: (address: Code, offset: number, value: Code): Code => [
    ...address,
    ...value,
    ...simd(0x0b),
    4,
    ...unsigned(offset),
  ],
  storeLane: (address: Code, vector: Code, lane: 0 | 1): Code => [...address, ...vector, ...simd(0x5b), 3, 0, lane],
  zero: [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)] as Code,
  one: [...simd(0x0c), 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f] as Code,
  add: binary(simd(0xf0)),
  sub: binary(simd(0xf1)),
  mul: binary(simd(0xf2)),
  div: binary(simd(0xf3)),
  sqrt: (a: Code): Code => [...a, ...simd(0xef)],
  /** Per lane: b if a < b, else a. */
  larger: binary(simd(0xf7)),
  /** Per lane: a if it is NaN, else b. */
  notANumberOr: (a: Code, b: Code): Code => [...a, ...b, ...a, ...a, ...simd(0x48), ...simd(0x52)],
};

/** block and loop, both without a result */
const opening: Code = [0x02, 0x40, 0x03, 0x40];
/** i32.eqz, br_if to the block's end */
const leaveUnless: Code = [0x45, 0x0d, 1];
/** br to the start of the loop, two ends */
const closing: Code = [0x0c, 0, 0x0b, 0x0b];

/** Runs the body while the condition holds; the condition is checked first. */
export const loopWhile = (condition: Code, body: Code): Code => [
  ...opening,
  ...condition,
  ...leaveUnless,
  ...body,
  ...closing,
];
export interface WasmFunction {
  readonly name: string;
  readonly code: Code;
  readonly parameters: number;
}

/** A function that takes addresses and returns nothing. The body gets its parameters by name, and a way to declare local variables. */
export function wasmFunction<Name extends string>(
  name: string,
  parameters: readonly Name[],
  body: (at: Readonly<Record<Name, Code>>, local: (type: ValueType) => Local) => Code,
): WasmFunction {
  const locals: Code[] = [];
  const at = Object.fromEntries(parameters.map((each, index) => [each, get(index)])) as Record<Name, Code>;
  const statements = body(at, (type) => {
    locals.push([1, typeByte[type]]);
    return parameters.length + locals.length - 1;
  });
  const whole = [...list(locals), ...statements, 0x0b];
  return { name, parameters: parameters.length, code: [...unsigned(whole.length), ...whole] };
}

/** The magic number and version 1. */
const header: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that exports the functions and a memory of one page, which the caller grows. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = [...new Set(functions.map(({ parameters }) => parameters))].sort((a, b) => a - b);
  return Uint8Array.from([
    ...header,
    ...section(
      1,
      types.map((count) => [0x60, ...list(Array.from({ length: count }, () => [typeByte.i32])), 0]),
    ),
    ...section(
      3,
      functions.map(({ parameters }) => unsigned(types.indexOf(parameters))),
    ),
    ...section(5, [[0x00, 1]]),
    ...section(7, [
      [...text('memory'), 0x02, 0],
      ...functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ]),
    ...section(
      10,
      functions.map(({ code }) => code),
    ),
  ]);
}
