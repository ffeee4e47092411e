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

/**
 * Reads the operators of an ONNX file without loading it: refuses one that uses an unknown operator, another domain's
 * functions, sub-graphs or external data (LS-MODEL-005).
 */
export function checkOnnx(bytes: Uint8Array): Outcome<{ readonly operators: readonly string[] }> {
  const operators = new Set<string>();
  try {
    let graphs = 0;
    for (const field of fields(bytes)) {
      if (field.number === 25) return refuse('it defines functions of its own');
      if (field.number !== 7 || field.bytes === undefined) continue;
      graphs++;
      for (const part of fields(field.bytes)) {
        if (part.bytes === undefined) continue;
        if (part.number === 1) {
          const fault = checkNode(part.bytes, operators);
          if (fault !== undefined) return refuse(fault);
        }
        if (part.number === 5 && hasExternalData(part.bytes)) return refuse('it refers to external data');
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
      for (const part of fields(field.bytes))
        if (part.number === 6 || part.number === 11) return 'it holds a sub-graph';
    }
  }
  return undefined;
}

/** TensorProto: external_data is field 13, data_location field 14. */
function hasExternalData(tensor: Uint8Array): boolean {
  for (const field of fields(tensor))
    if (field.number === 13 || (field.number === 14 && field.value !== 0)) return true;
  return false;
}

interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array | undefined;
}

/** The fields of one protobuf message. Throws RangeError where it is cut or not protobuf. */
function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('cut');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new RangeError('varint');
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
