import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import type { FromUplink } from './channel.ts';
import { childTrainer } from '../federated/child-trainer.ts';
import { MqttLink } from './mqtt-link.ts';
import { Renewal } from './renewal.ts';
import { UplinkCore } from './uplink-core.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-protocol.ts';

/** Composition of the uplink's worker thread: mqtt.js, the disk and the clock under the same core as on virtual time. */
const port = parentPort;
if (port === null) throw new Error('uplink.worker.ts runs as a worker thread');

const { config, line, seed } = workerData as WorkerStart;
const say = (message: FromWorker): void => port.postMessage(message);
const onFailure = (error: unknown): void =>
  say({ kind: 'failure', text: error instanceof Error ? (error.stack ?? error.message) : String(error) });

const timeline = line === null ? undefined : new TimelineClock(line, onFailure);
const clock = timeline ?? new SystemClock(onFailure);
const random = new SeededRandom(seed, config.gateway);
const link = new MqttLink({ ...config, clock, random, onFailure });
const core = new UplinkCore(config, {
  clock,
  link,
  disk: new NodeDisk(config.journal.path),
  random,
  nonce: () => randomBytes(16).toString('hex'),
  trainer: childTrainer(clock.machine),
});

const { identity } = config;
const renewal =
  identity === undefined
    ? undefined
    : new Renewal({
        ...config,
        url: config.authority ?? config.url,
        identity,
        time: clock.machine,
        onFault: onFailure,
      });
renewal?.start();

const hand = (message: FromUplink): void => {
  if (message.kind === 'heartbeat') renewal?.heard(message.time);
  say({ kind: 'from', message });
};

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'send':
      say({ kind: 'done', weight: message.weight, taken: core.send(message.message) });
      break;
    case 'line':
      timeline?.setLine(message.line);
      break;
    case 'stop':
      renewal?.stop();
      core
        .stop()
        .catch(onFailure)
        .finally(() => {
          say({ kind: 'stopped' });
          port.close();
        });
      break;
  }
});

say({ kind: 'restored', restored: await core.start(hand) });
