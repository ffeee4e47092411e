import { bad, good, type Outcome } from '../outcome/outcome.ts';
import { formatMessage, type MessageForm, type MessageValues } from '../sentences/message-forms.ts';
import { fields, NOTHING, only, varints } from './onnx-fields.ts';
import { SizeWatch } from './onnx-sizes.ts';

/** Input of a model: computed features, or raw history. Only the latter may use a transformer's operators. */
export type ModelContract = 'features' | 'context';

/** Operators that a model may use. None of them loops, calls out or reads a file. */
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

/**
 * Further operators of the contract `context`: the parts of attention, its norms, masks and positions. None loops, calls out or reads a
 * file.
 */
export const CONTEXT_OPERATORS: ReadonlySet<string> = new Set([
  'Abs',
  'And',
  'Asinh',
  'Constant',
  'ConstantOfShape',
  'CumSum',
  'Equal',
  'Erf',
  'Exp',
  'Expand',
  'Flatten',
  'Greater',
  'GreaterOrEqual',
  'IsInf',
  'IsNaN',
  'LayerNormalization',
  'Less',
  'LessOrEqual',
  'Log',
  'Neg',
  'Not',
  'Or',
  'Pad',
  'Pow',
  'Range',
  'Reciprocal',
  'ReduceMax',
  'ReduceMin',
  'Shape',
  'Sign',
  'Sinh',
  'Softmax',
  'Split',
  'Sqrt',
  'Tile',
  'Trilu',
  'Where',
]);

const DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml']);

/** Largest tensor by its declared shape, in elements: 32 MB of float32. */
const MOST_ELEMENTS = 8_000_000;
const MOST_RANK = 16;
const MOST_ATTRIBUTES = 64;
/** Per node. A history cut into patches is concatenated from some hundreds of them. */
const MOST_ENDS = 1024;
/** Bytes of a name that are compared. */
const MOST_NAME = 512;
/** Negative dimensions, which some exporters write for unknown sizes, read as at least this. */
const UNKNOWN = 2 ** 63;
/** Nodes, tensors and values of a graph; real models have some hundreds. */
const MOST_PARTS = 20_000;
/** The smallest element is four bits. */
const ELEMENTS_PER_BYTE = 2;

/**
 * Reads the operators and shapes of an ONNX file without loading it. It refuses unknown operators, functions of other domains, sub-graphs,
 * external data, and tensors that are sparse, too large, or larger than their bytes (LS-MODEL-005). For the contract `context` it also
 * refuses sizes that depend on values (`SizeWatch`), so that such a model needs the same memory for every row. The process that runs the
 * model bounds its actual memory.
 */
export function checkOnnx(
  bytes: Uint8Array,
  contract: ModelContract = 'features',
): Outcome<{ readonly operators: readonly string[] }> {
  const operators = new Set<string>();
  try {
    let graphs = 0;
    for (const field of fields(bytes)) {
      if (field.number === 25) return refuse(says('it defines functions of its own'));
      if (field.number !== 7 || field.bytes === undefined) continue;
      graphs++;
      const fault =
        checkGraph(field.bytes, contract, operators) ?? (contract === 'context' ? sizesOf(field.bytes) : undefined);
      if (fault !== undefined) return refuse(fault);
    }
    if (graphs !== 1) return refuse(says('it holds no graph'));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(says('it is no ONNX file'));
  }
  return good({ operators: [...operators].sort() });
}

function checkGraph(graph: Uint8Array, contract: ModelContract, operators: Set<string>): string | undefined {
  let parts = 0;
  for (const part of fields(graph)) {
    if (++parts > MOST_PARTS) return says('its graph has more than {most} parts', { most: MOST_PARTS });
    if (part.bytes === undefined) continue;
    const fault = part.number === 1 ? checkNode(part.bytes, contract, operators) : checkShape(part.number, part.bytes);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const nameOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes?.subarray(0, MOST_NAME));

/** GraphProto: nodes are field 1, initializers field 5 (whose name is field 8), inputs field 11 (whose name is field 1). */
function sizesOf(graph: Uint8Array): string | undefined {
  const watch = new SizeWatch();
  for (const { number, bytes } of fields(graph)) {
    if (bytes === undefined) continue;
    if (number === 5) watch.constant(nameOf(only(bytes, 8)));
    if (number === 11) watch.input(nameOf(only(bytes, 1)));
  }
  for (const { number, bytes } of fields(graph)) {
    if (number !== 1 || bytes === undefined) continue;
    const node = { operator: '', inputs: [] as string[], outputs: [] as string[] };
    for (const part of fields(bytes)) {
      if (part.number === 1) node.inputs.push(nameOf(part.bytes));
      if (part.number === 2) node.outputs.push(nameOf(part.bytes));
      if (part.number === 4) node.operator = nameOf(part.bytes);
    }
    const fault = watch.node(node);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const refuse = (why: string): Outcome<never> => bad('LS-MODEL-005', why);
const says = <Form extends MessageForm<'LS-MODEL-005'>>(form: Form, ...values: MessageValues<Form>): string =>
  formatMessage('LS-MODEL-005', form, ...values);

/**
 * NodeProto: inputs and outputs are fields 1 and 2, op_type is field 4, attributes are field 5, whose graphs are fields 6 and 11; domain is
 * field 7.
 */
function checkNode(node: Uint8Array, contract: ModelContract, operators: Set<string>): string | undefined {
  let attributes = 0;
  let ends = 0;
  for (const field of fields(node)) {
    if (field.bytes === undefined) continue;
    if (field.number <= 2 && ++ends > MOST_ENDS)
      return says('a node has more than {most} inputs and outputs', { most: MOST_ENDS });
    if (field.number === 4) {
      const operator = new TextDecoder().decode(field.bytes);
      const isAllowed = OPERATORS.has(operator) || (contract === 'context' && CONTEXT_OPERATORS.has(operator));
      if (!isAllowed) return says('operator {operator} is not allowed', { operator: operator.slice(0, 40) });
      operators.add(operator);
    }
    if (field.number === 7) {
      const domain = new TextDecoder().decode(field.bytes);
      if (!DOMAINS.has(domain)) return says('operators of {domain} are not allowed', { domain: domain.slice(0, 40) });
    }
    if (field.number === 5) {
      if (++attributes > MOST_ATTRIBUTES)
        return says('a node has more than {most} attributes', { most: MOST_ATTRIBUTES });
      for (const part of fields(field.bytes)) {
        if (part.number === 6 || part.number === 11) return says('it holds a sub-graph');
        if (part.number === 22 || part.number === 23) return SPARSE;
        const fault = part.number === 5 || part.number === 10 ? checkTensor(part.bytes ?? NOTHING) : undefined;
        if (fault !== undefined) return fault;
      }
    }
  }
  return undefined;
}

const SPARSE = says('it holds a sparse tensor');

/** GraphProto: initializers are field 5, sparse ones field 15; inputs, outputs and values between are fields 11 to 13. */
function checkShape(number: number, bytes: Uint8Array): string | undefined {
  if (number === 5) return checkTensor(bytes);
  if (number === 15) return SPARSE;
  if (number < 11 || number > 13) return undefined;
  // ValueInfoProto: type is field 2, its tensor type field 1, its shape field 2, a dimension field 1, its value field 1.
  let elements = 1;
  let rank = 0;
  for (const dimension of fields(only(only(only(bytes, 2), 1), 2))) {
    if (++rank > MOST_RANK) return says('a value has more than {most} dimensions', { most: MOST_RANK });
    for (const { number: what, value } of fields(dimension.bytes ?? NOTHING))
      if (what === 1 && value < UNKNOWN) elements *= value;
  }
  return tooLarge(elements);
}

/** TensorProto: dims is field 1, packed or not; external_data is field 13, data_location field 14. */
function checkTensor(tensor: Uint8Array): string | undefined {
  let elements = 1;
  let rank = 0;
  for (const { number, value, bytes } of fields(tensor)) {
    if (number === 13 || (number === 14 && value !== 0)) return says('it refers to external data');
    if (number !== 1) continue;
    for (const dimension of bytes === undefined ? [value] : varints(bytes)) {
      if (++rank > MOST_RANK) return says('a tensor has more than {most} dimensions', { most: MOST_RANK });
      elements *= dimension;
    }
  }
  if (elements > ELEMENTS_PER_BYTE * tensor.length)
    return says('a tensor tells of {count} elements and does not hold them', { count: elements });
  return tooLarge(elements);
}

const TOO_LARGE = 'a tensor of {count} elements is too large: {most} are allowed';

const tooLarge = (elements: number): string | undefined =>
  elements > MOST_ELEMENTS ? says(TOO_LARGE, { count: elements, most: MOST_ELEMENTS }) : undefined;
