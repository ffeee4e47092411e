import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import '../../shared/inference/no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** The smallest possible gateway: one Node process with aedes listening and one model loaded, otherwise idle. */
const broker = await Aedes.createBroker();
const server = createServer((socket) => broker.handle(socket));
server.listen(0, '127.0.0.1');

process.on('message', (message) => {
  const { bytes, row } = message as { bytes: Uint8Array; row: number[] };
  const load = async (): Promise<void> => {
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    await session.run({ [session.inputNames[0]!]: new Tensor('float32', Float32Array.from(row), [1, row.length]) });
    process.send?.('loaded');
  };
  void load();
});
process.on('disconnect', () => process.exit(0));
