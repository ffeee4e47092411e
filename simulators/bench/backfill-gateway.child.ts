import type { Frame } from '../../shared/contracts/frame.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import type { UplinkConfig } from '../../edge/uplink/config.ts';
import { WorkerUplink } from '../../edge/uplink/worker-uplink.ts';

/**
 * The gateway of the backfill bench: the daemon's own journal and uplink in their worker thread, fed with the frames that a cycle would
 * produce. It first fills the journal while there is no cloud, then goes live: every device every 250 ms.
 */
export interface BackfillOrder {
  readonly config: UplinkConfig;
  readonly devices: number;
  readonly metrics: readonly string[];
  readonly backlogFrames: number;
  /** Source time of the oldest frame, ms UTC; the others are spread up to the start of the run. */
  readonly backlogFrom: number;
}

export type BackfillNews =
  | { readonly kind: 'filled'; readonly bytes: number }
  | { readonly kind: 'stopped'; readonly refused: number };

const LIVE_MS = 250;
/** Frames per message while the journal is filled. */
const CHUNK = 500;
const tell = (news: BackfillNews): void => void process.send?.(news);
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);

async function run({ config, devices, metrics, backlogFrames, backlogFrom }: BackfillOrder): Promise<void> {
  const uplink = new WorkerUplink({ config, clock, line: null, seed: process.pid, onFailure: fail });
  let state = { backlogFrames: 0, bytes: 0 };
  await uplink.start((message) => {
    if (message.kind === 'journal') state = message.state;
  });
  const names = Array.from({ length: devices }, (_, device) => `device-${device}`);
  uplink.send({ kind: 'births', devices: names.map((device) => ({ device, type: 'meter', metrics })) });
  let count = 0;
  const frame = (device: string, time: number): Frame => {
    const value = count++ / 10;
    return {
      device,
      time,
      values: metrics.map((metric, at) => ({ metric, value: value + at, quality: 'good', origin: 'measured' })),
    };
  };

  const stepMs = (clock.plant.now() - 1000 - backlogFrom) / (backlogFrames / devices);
  for (let n = 0; n < backlogFrames;) {
    const until = Math.min(n + CHUNK, backlogFrames);
    const frames: Frame[] = [];
    for (; n < until; n++) frames.push(frame(names[n % devices]!, backlogFrom + Math.floor(n / devices) * stepMs));
    // Resends until the journal refuses nothing: no frame may be missing.
    for (let before = -1; before !== uplink.refused;) {
      before = uplink.refused;
      uplink.send({ kind: 'frames', frames });
      while (uplink.queued > 0) await pause(1);
      if (before !== uplink.refused) await pause(50);
    }
  }
  while (state.backlogFrames < backlogFrames) await pause(50);
  const refusedBefore = uplink.refused;
  tell({ kind: 'filled', bytes: state.bytes });

  const live = (): void => {
    const time = clock.plant.now();
    uplink.send({ kind: 'frames', frames: names.map((device) => frame(device, time)) });
    clock.machine.after(LIVE_MS, live);
  };
  live();
  process.once('message', () => {
    const stop = async (): Promise<void> => {
      const refused = uplink.refused - refusedBefore;
      await uplink.stop();
      tell({ kind: 'stopped', refused });
      process.disconnect?.();
    };
    stop().catch(fail);
  });
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.machine.after(ms, () => resolve());
  });

process.once('message', (order: BackfillOrder) => void run(order).catch(fail));
process.on('disconnect', () => process.exit(0));
