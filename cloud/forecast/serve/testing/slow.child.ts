import { SessionHost, type InferenceRequest } from '../../../../shared/inference/session-host.ts';
import { machineMonotonicMs } from '../../../../shared/time/system-clock.ts';

/** A model that hangs on a negative input. */
const host = new SessionHost({
  open: async () => ({
    run: (rows) => (rows[0]! < 0 ? new Promise(() => undefined) : Promise.resolve(rows)),
    release: () => Promise.resolve(),
  }),
  elapsed: machineMonotonicMs,
});

process.on('message', (message) => {
  void host.handle(message as InferenceRequest).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
