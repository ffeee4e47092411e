import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { PROBE, providerLacks, type ExecutionProvider } from './execution-provider.ts';
import type { Session } from './session-host.ts';
import { messageOf } from '../outcome/message-of.ts';

const MEMBERS = 'members';
const HISTORY = 'context';
const COVARIATES = 'covariates';

/** Opens models in ONNX Runtime, single-threaded within and between operators. If the provider is missing, every open fails. */
export function onnxSessions(provider: ExecutionProvider = 'cpu'): (bytes: Uint8Array) => Promise<Session> {
  let lacks: Promise<string | undefined> | undefined;
  return async (bytes) => {
    lacks ??= provider === 'cpu' ? Promise.resolve(undefined) : lackOf(provider);
    const why = await lacks;
    if (why !== undefined) throw new Error(providerLacks(provider, why));
    return openSession(bytes, provider);
  };
}

export const openOnnxSession = onnxSessions();

const created = (bytes: Uint8Array, provider: ExecutionProvider): Promise<InferenceSession> =>
  InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  });

async function lackOf(provider: ExecutionProvider): Promise<string | undefined> {
  try {
    await (await created(PROBE, provider)).release();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function openSession(bytes: Uint8Array, provider: ExecutionProvider): Promise<Session> {
  const session = await created(bytes, provider);
  const [answer, members, ...others] = session.outputNames;
  const isKnown = (members === undefined || members === MEMBERS) && others.length === 0;
  if (answer === undefined || !isKnown)
    throw new Error(`the model must have exactly one output, and optionally "${MEMBERS}"`);
  const feeds = feedsOf(session);
  return {
    run: async (rows, batch, output = 'answer') => {
      const fetched = output === 'members' ? MEMBERS : answer;
      const result = await session.run(feeds(rows, batch), [fetched]);
      const data = result[fetched]?.data;
      if (!(data instanceof Float32Array)) throw new Error('the output is not a float32 tensor');
      return Float32Array.from(data);
    },
    release: () => session.release(),
  };
}

type Feeds = (rows: Float32Array, batch: number) => Record<string, Tensor>;

/**
 * A single input takes whole rows. Of two inputs, `context` [batch, length] takes the start of a row and `covariates` [batch, steps, count]
 * the rest.
 */
function feedsOf({ inputNames, inputMetadata }: InferenceSession): Feeds {
  const [first] = inputNames;
  if (first !== undefined && inputNames.length === 1)
    return (rows, batch) => ({ [first]: new Tensor('float32', rows, [batch, rows.length / batch]) });
  if (inputNames.length !== 2 || !inputNames.includes(HISTORY) || !inputNames.includes(COVARIATES))
    throw new Error(`the model must have exactly one input, or "${HISTORY}" and "${COVARIATES}"`);
  const shapeOf = (name: string): readonly number[] => {
    const meta = inputMetadata[inputNames.indexOf(name)];
    const shape = meta?.isTensor === true ? meta.shape.slice(1) : [];
    if (!shape.every((size): size is number => typeof size === 'number' && size > 0))
      throw new Error(`only the batch dimension of "${name}" may be dynamic`);
    return shape;
  };
  const [history, covariates] = [shapeOf(HISTORY), shapeOf(COVARIATES)];
  const [length, rest] = [history, covariates].map((shape) => shape.reduce((size, each) => size * each, 1));
  return (rows, batch) => {
    const width = rows.length / batch;
    if (width !== length! + rest!) throw new Error(`a row has ${width} numbers; the model takes ${length! + rest!}`);
    const part = (from: number, to: number, shape: readonly number[]): Tensor => {
      const data = new Float32Array(batch * (to - from));
      for (let row = 0; row < batch; row++)
        data.set(rows.subarray(row * width + from, row * width + to), row * (to - from));
      return new Tensor('float32', data, [batch, ...shape]);
    };
    return { [HISTORY]: part(0, length!, history), [COVARIATES]: part(length!, width, covariates) };
  };
}
