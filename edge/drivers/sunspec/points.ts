import type { RegisterType } from '../modbus/schema.ts';
import { decode, encode, wordsOf } from '../modbus/registers.ts';
import type { Block, RegisterImage } from '../modbus/blocks.ts';
import type { RegisterWrite } from '../modbus/profile.ts';
import { whole, type Toward } from '../rounding.ts';
import type { Point } from './models.ts';

/** A model found on a device; `address` is that of its identifier. */
export interface FoundModel {
  readonly id: number;
  readonly address: number;
  /** Registers after identifier and length. */
  readonly length: number;
}

const wireType = ({ type }: Point): RegisterType => (type === 'enum16' ? 'uint16' : type);

const spanOf = (model: FoundModel, point: Point): Block => ({
  table: 'holding',
  address: model.address + point.at,
  count: wordsOf(wireType(point)),
});

/** Values for "not implemented" (SunSpec Information Model Specification, 4.2); for a float NaN. */
const absent: Readonly<Record<RegisterType, number | undefined>> = {
  int16: -0x8000,
  uint16: 0xffff,
  int32: -0x8000_0000,
  uint32: 0xffff_ffff,
  int64: undefined,
  uint64: undefined,
  float32: undefined,
  float64: undefined,
};

const MOST_DECIMALS = 10;

function factor(model: FoundModel, image: RegisterImage, { scale }: Point): number | undefined {
  if (scale === undefined) return 1;
  const words = image.get({ table: 'holding', address: model.address + scale, count: 1 });
  const power = words === undefined ? Number.NaN : decode('int16', words);
  return Math.abs(power) <= MOST_DECIMALS ? 10 ** power : undefined;
}

/** The scaled value; undefined if the device does not implement it or it was not read. */
export function valueOf(model: FoundModel, image: RegisterImage, point: Point): number | undefined {
  const words = image.get(spanOf(model, point));
  const by = factor(model, image, point);
  if (words === undefined || by === undefined) return undefined;
  const raw = decode(wireType(point), words);
  return raw === absent[wireType(point)] || !Number.isFinite(raw) ? undefined : raw * by;
}

/** Step of a scaled value; 0 without a scale factor. */
export function resolution(model: FoundModel, image: RegisterImage, { scale }: Point): number {
  if (scale === undefined) return 0;
  return 10 ** (valueOf(model, image, { at: scale, type: 'int16' }) ?? 0);
}

/** The registers of a scaled value; undefined if it does not fit. */
export function putOf(
  model: FoundModel,
  image: RegisterImage,
  point: Point,
  { value, toward = 'nearest' }: { readonly value: number; readonly toward?: Toward },
): RegisterWrite | undefined {
  const by = factor(model, image, point);
  if (by === undefined) return undefined;
  const raw = whole(value / by, toward);
  const words = raw === absent[wireType(point)] ? undefined : encode(wireType(point), raw);
  return words === undefined ? undefined : { address: model.address + point.at, words };
}

/** Joins adjacent writes into one request, in the order given. */
export function joined(writes: readonly RegisterWrite[]): RegisterWrite[] {
  const runs: RegisterWrite[] = [];
  for (const write of writes) {
    const last = runs.at(-1);
    if (last !== undefined && last.address + last.words.length === write.address)
      runs[runs.length - 1] = { address: last.address, words: [...last.words, ...write.words] };
    else runs.push(write);
  }
  return runs;
}
