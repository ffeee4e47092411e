import { parentPort, workerData } from 'node:worker_threads';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { composeUplink } from './compose-uplink.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-protocol.ts';

/** Entry point of the uplink's worker thread. */
const port = parentPort;
if (port === null) throw new Error('uplink.worker.ts runs as a worker thread');

const { config, line, seed } = workerData as WorkerStart;
const say = (message: FromWorker): void => port.postMessage(message);
const onFailure = (error: unknown): void =>
  say({ kind: 'failure', text: error instanceof Error ? (error.stack ?? error.message) : String(error) });

const timeline = line === null ? undefined : new TimelineClock(line, onFailure);
const clock = timeline ?? new SystemClock(onFailure);
const uplink = composeUplink({ config, clock, seed, onFailure });

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'send':
      say({ kind: 'done', weight: message.weight, taken: uplink.send(message.message) });
      break;
    case 'line':
      timeline?.setLine(message.line);
      break;
    case 'stop':
      uplink
        .stop()
        .catch(onFailure)
        .finally(() => {
          say({ kind: 'stopped' });
          port.close();
        });
      break;
  }
});

say({ kind: 'restored', restored: await uplink.start((message) => say({ kind: 'from', message })) });
