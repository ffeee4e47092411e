import { HostInference } from './host-inference.ts';
import { SessionHost } from './session-host.ts';
import type { Inference } from '../ports/inference.ts';
import type { TimeBase } from '../time/clock.ts';
import { openOnnxSession } from './onnx-session.ts';

/** ONNX Runtime in the caller's own thread, for virtual time and tests. */
export function inlineInference(time: TimeBase): Inference {
  const host = new SessionHost({ open: openOnnxSession, elapsed: () => time.elapsed() });
  return new HostInference({ ask: (request) => host.handle(request), close: () => host.close() });
}
