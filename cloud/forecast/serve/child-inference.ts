import { fork, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PROBE, type ExecutionProvider } from '../../../shared/inference/execution-provider.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { processInference } from '../../../shared/inference/process-inference.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';

export interface ChildInferenceOptions {
  /** Machine time. */
  readonly time: TimeBase;
  /** Default: cpu. */
  readonly provider?: ExecutionProvider;
  /** The child's file, for tests. */
  readonly file?: string;
  readonly loadTimeoutMs?: number;
  readonly runTimeoutMs?: number;
  readonly loadsPerProcess?: number;
}

/** ONNX Runtime in one child process for all models of the cloud. */
export function childInference(options: ChildInferenceOptions): Inference {
  const {
    time,
    provider = 'cpu',
    file = INFERENCE_FILE,
    loadTimeoutMs = 20_000,
    runTimeoutMs = 5_000,
    loadsPerProcess = 200,
  } = options;
  const start = (): ChildProcess => fork(file, [provider], { serialization: 'advanced', execArgv: EXEC_ARGV });
  const memory = { roomMb: 1024, perByte: 8 };
  return processInference({ start, time, loadTimeoutMs, runTimeoutMs, loadsPerProcess, memory });
}

/** Throws LS-CONFIG-005 if the execution provider is missing. */
export async function assertProvider(inference: Inference, provider: ExecutionProvider): Promise<void> {
  if (provider === 'cpu') return;
  unwrap(await inference.load('probe', PROBE));
  await inference.unload('probe');
}

/** For an untrusted model: a process with little time and memory, on the CPU whatever the other models use. */
export function quarantineInference(time: TimeBase): Inference {
  return processInference({
    start: limited,
    time,
    loadTimeoutMs: 10_000,
    runTimeoutMs: 2_000,
    loadsPerProcess: 200,
    memory: { roomMb: 192, perByte: 8 },
  });
}

const INFERENCE_FILE = fileURLToPath(new URL('../../../shared/inference/inference.child.ts', import.meta.url));
const EXEC_ARGV = ['--max-old-space-size=256', '--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'];
const QUARANTINE_MB = 1024;

/** The runtime allocates outside V8, so the limit is the system's (RLIMIT_DATA), which only a shell can set before the program starts. */
function limited(): ChildProcess {
  const command = [process.execPath, ...EXEC_ARGV, INFERENCE_FILE];
  return spawn('/bin/sh', ['-c', `ulimit -d ${QUARANTINE_MB * 1024} && exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
}
