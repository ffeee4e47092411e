import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Session } from './session-host.ts';

/** Opens a model in ONNX Runtime: CPU, one thread within and between operators. */
export async function openOnnxSession(bytes: Uint8Array): Promise<Session> {
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  });
  const input = session.inputNames[0];
  const output = session.outputNames[0];
  if (input === undefined || output === undefined || session.inputNames.length > 1 || session.outputNames.length > 1) {
    throw new Error('the model needs exactly one input and one output');
  }
  return {
    run: async (rows, batch) => {
      const result = await session.run({ [input]: new Tensor('float32', rows, [batch, rows.length / batch]) });
      const data = result[output]?.data;
      if (!(data instanceof Float32Array)) throw new Error('the output is no float32 tensor');
      return Float32Array.from(data);
    },
    release: () => session.release(),
  };
}
