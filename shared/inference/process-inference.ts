import type { Inference } from '../ports/inference.ts';
import type { TimeBase } from '../time/clock.ts';
import { ChildLine, type MemoryBudget } from './child-line.ts';
import { residentMb, takeFirst } from './child-memory.ts';
import { HostInference } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

/** A child process with a message channel; the part of Node's ChildProcess that is used here. */
interface InferenceProcess {
  readonly pid?: number | undefined;
  readonly connected: boolean;
  send(request: InferenceRequest): boolean;
  kill(signal: 'SIGKILL'): boolean;
  on(event: 'message', listener: (reply: unknown) => void): unknown;
  on(event: 'exit' | 'error', listener: () => void): unknown;
}

export interface ProcessInferenceOptions {
  /** Starts a process that runs `inference.child.ts`. */
  readonly start: () => InferenceProcess;
  /** Machine time. */
  readonly time: TimeBase;
  readonly loadTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly loadsPerProcess: number;
  readonly memory: MemoryBudget;
}

/** ONNX Runtime in a child process. It is replaced when it times out, takes too much memory or dies, and after `loadsPerProcess` loads. */
export function processInference({ start, ...options }: ProcessInferenceOptions): Inference {
  return new HostInference(
    new ChildLine({
      ...options,
      fork: ({ onReply, onExit }) => {
        const child = start();
        const { pid } = child;
        if (pid !== undefined) takeFirst(pid);
        child.on('message', (reply) => onReply(reply as InferenceReply));
        child.on('exit', onExit);
        child.on('error', onExit);
        return {
          send: (request) => child.connected && (child.send(request), true),
          kill: () => {
            child.kill('SIGKILL');
          },
          residentMb: () => (pid === undefined ? 0 : residentMb(pid)),
        };
      },
    }),
  );
}
