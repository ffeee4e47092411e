import { bad, good, type Outcome } from '../outcome/outcome.ts';

/** Operators that a model bundle may use. None of them loops, calls out or reads a file. */
export const OPERATORS: ReadonlySet<string> = new Set([
  'Gemm',
  'MatMul',
  'Relu',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Max',
  'Min',
  'Clip',
  'Reshape',
  'Unsqueeze',
  'Squeeze',
  'Slice',
  'Concat',
  'ReduceSum',
  'ReduceMean',
  'Transpose',
  'Softplus',
  'Sigmoid',
  'Tanh',
  'Identity',
  'Cast',
  'Gather',
  'TreeEnsembleRegressor',
  'DynamicQuantizeLinear',
  'QuantizeLinear',
  'DequantizeLinear',
  'MatMulInteger',
]);

const DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml']);

/** No tensor whose shape the file tells may have more elements: 32 MB of float32. */
const MOST_ELEMENTS = 8_000_000;
const MOST_RANK = 16;
const MOST_ATTRIBUTES = 64;
/** Negative, as some say of a dimension that is not known. */
const UNKNOWN = 2 ** 63;
/** Nodes, tensors and values of a graph; those of real models are some hundreds. */
const MOST_PARTS = 20_000;
/** The smallest element is four bits. */
const ELEMENTS_PER_BYTE = 2;

/**
 * Reads the operators and shapes of an ONNX file without loading it: refuses one that uses an unknown operator, another domain's
 * functions, sub-graphs or external data, and one that tells of a tensor that is sparse, too large, or larger than its bytes
 * (LS-MODEL-005). What a model grows to as it runs, the process that it runs in limits.
 */
export function checkOnnx(bytes: Uint8Array): Outcome<{ readonly operators: readonly string[] }> {
  const operators = new Set<string>();
  try {
    let graphs = 0;
    for (const field of fields(bytes)) {
      if (field.number === 25) return refuse('it defines functions of its own');
      if (field.number !== 7 || field.bytes === undefined) continue;
      graphs++;
      let parts = 0;
      for (const part of fields(field.bytes)) {
        if (part.bytes === undefined) continue;
        if (++parts > MOST_PARTS) return refuse(`its graph has more than ${MOST_PARTS} parts`);
        const fault = part.number === 1 ? checkNode(part.bytes, operators) : checkShape(part.number, part.bytes);
        if (fault !== undefined) return refuse(fault);
      }
    }
    if (graphs !== 1) return refuse('it holds no graph');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse('it is no ONNX file');
  }
  return good({ operators: [...operators].sort() });
}

const refuse = (why: string): Outcome<never> => bad('LS-MODEL-005', why);

/** NodeProto: op_type is field 4, attributes are field 5, whose graphs are fields 6 and 11; domain is field 7. */
function checkNode(node: Uint8Array, operators: Set<string>): string | undefined {
  let attributes = 0;
  for (const field of fields(node)) {
    if (field.bytes === undefined) continue;
    if (field.number === 4) {
      const operator = new TextDecoder().decode(field.bytes);
      if (!OPERATORS.has(operator)) return `operator ${operator.slice(0, 40)} is not allowed`;
      operators.add(operator);
    }
    if (field.number === 7) {
      const domain = new TextDecoder().decode(field.bytes);
      if (!DOMAINS.has(domain)) return `operators of ${domain.slice(0, 40)} are not allowed`;
    }
    if (field.number === 5) {
      if (++attributes > MOST_ATTRIBUTES) return `a node has more than ${MOST_ATTRIBUTES} attributes`;
      for (const part of fields(field.bytes)) {
        if (part.number === 6 || part.number === 11) return 'it holds a sub-graph';
        if (part.number === 22 || part.number === 23) return SPARSE;
        const fault = part.number === 5 || part.number === 10 ? checkTensor(part.bytes ?? NOTHING) : undefined;
        if (fault !== undefined) return fault;
      }
    }
  }
  return undefined;
}

const NOTHING = new Uint8Array();
const SPARSE = 'it holds a sparse tensor';

/** GraphProto: initializers are field 5, sparse ones field 15; inputs, outputs and values between are fields 11 to 13. */
function checkShape(number: number, bytes: Uint8Array): string | undefined {
  if (number === 5) return checkTensor(bytes);
  if (number === 15) return SPARSE;
  if (number < 11 || number > 13) return undefined;
  // ValueInfoProto: type is field 2, its tensor type field 1, its shape field 2, a dimension field 1, its value field 1.
  let elements = 1;
  let rank = 0;
  for (const dimension of fields(only(only(only(bytes, 2), 1), 2))) {
    if (++rank > MOST_RANK) return `a value has more than ${MOST_RANK} dimensions`;
    for (const { number: what, value } of fields(dimension.bytes ?? NOTHING))
      if (what === 1 && value < UNKNOWN) elements *= value;
  }
  return tooLarge(elements);
}

/** TensorProto: dims is field 1, packed or not; external_data is field 13, data_location field 14. */
function checkTensor(tensor: Uint8Array): string | undefined {
  let elements = 1;
  for (const { number, value, bytes } of fields(tensor)) {
    if (number === 13 || (number === 14 && value !== 0)) return 'it refers to external data';
    if (number !== 1) continue;
    if (bytes === undefined) elements *= value;
    else for (const dimension of varints(bytes)) elements *= dimension;
  }
  if (elements > ELEMENTS_PER_BYTE * tensor.length)
    return `a tensor tells of ${elements} elements and does not hold them`;
  return tooLarge(elements);
}

const tooLarge = (elements: number): string | undefined =>
  elements > MOST_ELEMENTS ? `a tensor of ${elements} elements is too large: ${MOST_ELEMENTS} are allowed` : undefined;

/** The one message of this number; empty where there is none. Throws RangeError where there are more. */
function only(bytes: Uint8Array, number: number): Uint8Array {
  let found: Uint8Array | undefined;
  for (const field of fields(bytes)) {
    if (field.number !== number) continue;
    if (found !== undefined) throw new RangeError('more than one');
    found = field.bytes ?? NOTHING;
  }
  return found ?? NOTHING;
}

interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array | undefined;
}

/** A number and where the next one begins. Throws RangeError where it is cut. */
function varintAt(bytes: Uint8Array, from: number): readonly [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) throw new RangeError('cut');
    value += (byte & 127) * factor;
    if (byte < 128) return [value, from + i + 1];
    factor *= 128;
  }
  throw new RangeError('varint');
}

function* varints(bytes: Uint8Array): Generator<number> {
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varintAt(bytes, at);
    yield value;
    at = next;
  }
}

/** The fields of one protobuf message. Throws RangeError where it is cut or not protobuf. */
function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    const [value, next] = varintAt(bytes, at);
    at = next;
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    let value = 0;
    let part: Uint8Array | undefined;
    if (wire === 0) value = varint();
    else {
      const length = wire === 2 ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : Number.NaN;
      if (!(at + length <= bytes.length)) throw new RangeError('length');
      part = bytes.subarray(at, at + length);
      at += length;
    }
    yield { number, value, bytes: part };
  }
}
