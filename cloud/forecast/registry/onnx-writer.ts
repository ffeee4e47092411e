import { ProtobufWriter } from './protobuf.ts';

/** Writes ONNX models (onnx.proto of ONNX 1.12: IR version 8, operator set 17, and set 3 of ai.onnx.ml for trees). */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int8Array | readonly bigint[];
}

/** An integer; or a list of integers, float32 or strings. */
export type OnnxAttribute = number | Int32Array | Float32Array | readonly string[];

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Absent: the standard ONNX operators. */
  readonly domain?: 'ai.onnx.ml';
}

export interface GraphEnd {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** All float32; dimensions after the batch. */
  readonly inputs: readonly GraphEnd[];
  readonly outputs: readonly GraphEnd[];
}

const IR_VERSION = 8;
const OPSET = 17;
const ML_OPSET = 3;
const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;
/** AttributeProto.AttributeType. */
const ATTRIBUTE = { int: 2, floats: 6, ints: 7, strings: 8 };

export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const writer = new ProtobufWriter()
    .varint(1, IR_VERSION)
    .string(2, 'loadstone')
    .message(7, (body) => {
      for (const node of graph.nodes) body.message(1, (w) => writeNode(w, node));
      body.string(2, graph.name);
      for (const tensor of graph.initializers) body.message(5, (w) => writeTensor(w, tensor));
      for (const input of graph.inputs) body.message(11, (w) => writeValueInfo(w, input));
      for (const output of graph.outputs) body.message(12, (w) => writeValueInfo(w, output));
    })
    .message(8, (opset) => opset.string(1, '').varint(2, OPSET));
  if (graph.nodes.some(({ domain }) => domain !== undefined))
    writer.message(8, (opset) => opset.string(1, 'ai.onnx.ml').varint(2, ML_OPSET));
  return writer.finish();
}

function writeNode(writer: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.outputs[0] ?? node.op).string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    writer.message(5, (w) => writeAttribute(w.string(1, name), value));
  }
  if (node.domain !== undefined) writer.string(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, value: OnnxAttribute): void {
  if (typeof value === 'number') writer.varint(3, value).varint(20, ATTRIBUTE.int);
  else if (value instanceof Float32Array) writer.floats(7, value).varint(20, ATTRIBUTE.floats);
  else if (value instanceof Int32Array) {
    for (const each of value) writer.varint(8, each);
    writer.varint(20, ATTRIBUTE.ints);
  } else {
    for (const each of value) writer.string(9, each);
    writer.varint(20, ATTRIBUTE.strings);
  }
}

function writeTensor(writer: ProtobufWriter, tensor: OnnxTensor): void {
  for (const dim of tensor.dims) writer.varint(1, dim);
  const { data } = tensor;
  const [type, bytes] =
    data instanceof Float32Array
      ? [FLOAT, rawFloats(data)]
      : data instanceof Int8Array
        ? [INT8, new Uint8Array(data.buffer, data.byteOffset, data.length)]
        : [INT64, rawIntegers(data)];
  writer.varint(2, type).string(8, tensor.name).bytes(9, bytes);
}

/** raw_data is little-endian. */
function rawFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
  return bytes;
}

function rawIntegers(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setBigInt64(index * 8, value, true);
  return bytes;
}

function writeValueInfo(writer: ProtobufWriter, { name, dims }: GraphEnd): void {
  writer.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.varint(1, FLOAT).message(2, (shape) => {
        shape.message(1, (dim) => dim.string(2, 'batch'));
        for (const size of dims) shape.message(1, (dim) => dim.varint(1, size));
      }),
    ),
  );
}
