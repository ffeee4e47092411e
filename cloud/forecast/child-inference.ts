import { fork, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ChildLine } from '../../shared/forecast/child-line.ts';
import { HostInference } from '../../shared/forecast/host-inference.ts';
import type { InferenceReply } from '../../shared/forecast/session-host.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Inference } from '../../shared/ports/inference.ts';

export interface ChildInferenceOptions {
  /** Machine time. */
  readonly time: TimeBase;
  /** The child's file; a packed bundle names its own. */
  readonly file?: string;
  readonly loadTimeoutMs?: number;
  readonly runTimeoutMs?: number;
  readonly loadsPerProcess?: number;
  /** Memory that the process may write to, beyond which the system refuses it; absent: no limit. */
  readonly memoryMb?: number;
}

/** ONNX Runtime in a child process, replaced when it is late, when it dies, and after `loadsPerProcess` loads. */
export function childInference(options: ChildInferenceOptions): Inference {
  const file = options.file ?? fileURLToPath(new URL('./inference.child.ts', import.meta.url));
  return new HostInference(
    new ChildLine({
      time: options.time,
      loadTimeoutMs: options.loadTimeoutMs ?? 20_000,
      runTimeoutMs: options.runTimeoutMs ?? 5_000,
      loadsPerProcess: options.loadsPerProcess ?? 200,
      fork: ({ onReply, onExit }) => {
        const child = started(file, options.memoryMb);
        child.on('message', (reply) => onReply(reply as InferenceReply));
        child.on('exit', onExit);
        child.on('error', onExit);
        return {
          send: (request) => child.connected && (child.send(request), true),
          kill: () => {
            child.kill('SIGKILL');
          },
        };
      },
    }),
  );
}

/** For a model that nobody knows yet: a process for it alone, with little time and memory. */
export const quarantineInference = (time: TimeBase): Inference =>
  childInference({ time, loadTimeoutMs: 10_000, runTimeoutMs: 2_000, memoryMb: QUARANTINE_MB });

const QUARANTINE_MB = 1024;
const EXEC_ARGV = ['--max-old-space-size=256', '--disable-warning=ExperimentalWarning'];

/** The runtime's memory is not V8's, so its limit is the system's (RLIMIT_DATA), which only a shell sets before the program starts. */
function started(file: string, memoryMb: number | undefined): ChildProcess {
  if (memoryMb === undefined) return fork(file, [], { serialization: 'advanced', execArgv: EXEC_ARGV });
  const command = [process.execPath, ...EXEC_ARGV, file];
  return spawn('/bin/sh', ['-c', `ulimit -d ${memoryMb * 1024} && exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
}
