import { SessionHost, type InferenceRequest } from './session-host.ts';
import { machineMonotonicMs } from '../time/system-clock.ts';
import { openOnnxSession } from './onnx-session.ts';

/** The process that holds ONNX sessions. It ends with its parent. */
const host = new SessionHost({ open: openOnnxSession, elapsed: machineMonotonicMs });

process.on('message', (message) => {
  void host.handle(message as InferenceRequest).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
