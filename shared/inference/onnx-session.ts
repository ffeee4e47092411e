import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Session } from './session-host.ts';

const MEMBERS = 'members';

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
  const [answer, members, ...others] = session.outputNames;
  const isKnown = (members === undefined || members === MEMBERS) && others.length === 0;
  if (input === undefined || answer === undefined || session.inputNames.length > 1 || !isKnown) {
    throw new Error(`the model needs exactly one input and one output, beside which "${MEMBERS}" may stand`);
  }
  return {
    run: async (rows, batch, output = 'answer') => {
      const fetched = output === 'members' ? MEMBERS : answer;
      const feeds = { [input]: new Tensor('float32', rows, [batch, rows.length / batch]) };
      const result = await session.run(feeds, [fetched]);
      const data = result[fetched]?.data;
      if (!(data instanceof Float32Array)) throw new Error('the output is no float32 tensor');
      return Float32Array.from(data);
    },
    release: () => session.release(),
  };
}
