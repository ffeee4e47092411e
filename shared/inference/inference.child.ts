import { SessionHost, type InferenceRequest } from './session-host.ts';
import { machineMonotonicMs } from '../time/system-clock.ts';
import { EXECUTION_PROVIDERS } from './execution-provider.ts';
import { onnxSessions } from './onnx-session.ts';

/** The process that holds ONNX sessions. Its argument names the execution provider; default: `cpu`. It exits with its parent. */
const provider = EXECUTION_PROVIDERS.find((name) => name === process.argv[2]);
const host = new SessionHost({ open: onnxSessions(provider), elapsed: machineMonotonicMs });

process.on('message', (message) => {
  void host.handle(message as InferenceRequest).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
