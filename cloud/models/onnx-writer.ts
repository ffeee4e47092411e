import { ProtobufWriter } from './protobuf.ts';

/** Writes ONNX models (onnx.proto of ONNX 1.12: IR version 8, operator set 17). */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | readonly bigint[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integer attributes. */
  readonly attributes?: Readonly<Record<string, number>>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** float32 [batch, width]. */
  readonly input: { readonly name: string; readonly width: number };
  readonly output: { readonly name: string; readonly width: number };
}

const IR_VERSION = 8;
const OPSET = 17;
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;

export function writeOnnx(graph: OnnxGraph): Uint8Array {
  return new ProtobufWriter()
    .varint(1, IR_VERSION)
    .string(2, 'loadstone')
    .message(7, (writer) => {
      for (const node of graph.nodes) writer.message(1, (w) => writeNode(w, node));
      writer.string(2, graph.name);
      for (const tensor of graph.initializers) writer.message(5, (w) => writeTensor(w, tensor));
      writer.message(11, (w) => writeValueInfo(w, graph.input));
      writer.message(12, (w) => writeValueInfo(w, graph.output));
    })
    .message(8, (writer) => writer.string(1, '').varint(2, OPSET))
    .finish();
}

function writeNode(writer: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.outputs[0] ?? node.op).string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    writer.message(5, (w) => w.string(1, name).varint(3, value).varint(20, ATTRIBUTE_INT));
  }
}

function writeTensor(writer: ProtobufWriter, tensor: OnnxTensor): void {
  for (const dim of tensor.dims) writer.varint(1, dim);
  const floats = tensor.data instanceof Float32Array;
  writer.varint(2, floats ? FLOAT : INT64).string(8, tensor.name);
  writer.bytes(9, tensor.data instanceof Float32Array ? rawFloats(tensor.data) : rawIntegers(tensor.data));
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

function writeValueInfo(writer: ProtobufWriter, info: { name: string; width: number }): void {
  writer.string(1, info.name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.varint(1, FLOAT).message(2, (shape) => {
        shape.message(1, (dim) => dim.string(2, 'batch'));
        shape.message(1, (dim) => dim.varint(1, info.width));
      }),
    ),
  );
}
