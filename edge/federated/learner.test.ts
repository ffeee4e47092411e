import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Of } from '../../shared/codec/sha256.ts';
import { encodeChunk } from '../../shared/codec/chunk.ts';
import type { TrainingDocument } from '../../shared/contracts/document.ts';
import { NETWORK_VERSION, type TrainingReport } from '../../shared/contracts/federated.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { freshNetwork } from '../../shared/federated/network.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { DiskFile } from '../../shared/ports/disk.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { inlineTrainer } from './inline-trainer.ts';
import { Learner } from './learner.ts';
import { LoadBook } from './load-book.ts';

const STEP_MS = 900_000;
const T0 = Date.UTC(2021, 8, 25);
const load = uncontrolledLoad(['transformer'], []);
const history = (days: number): LoadSeries => ({
  start: T0 - days * 96 * STEP_MS,
  stepS: 900,
  values: Float64Array.from({ length: days * 96 }, (_, i) => 900 + 300 * Math.sin((i / 96) * 2 * Math.PI)),
});
const frame = (time: number, value: number): Frame => ({
  device: 'transformer',
  time,
  values: [{ metric: 'activePowerKw', value, quality: 'good', origin: 'measured' }],
});

const base = freshNetwork(1);
const bytes = new Uint8Array(base.buffer.slice(0));
const sha256 = await sha256Of(bytes);
const task = (over: Partial<TrainingDocument['body']> = {}): TrainingDocument => ({
  type: 'training',
  version: 1,
  gateway: 'owd-01',
  epoch: 1,
  sequence: 1,
  issuedAt: T0,
  acceptUntil: T0 + 3_600_000,
  validFrom: T0,
  validUntil: T0 + 3_600_000,
  body: {
    id: 'round-1-owd',
    round: 1,
    network: NETWORK_VERSION,
    base: { sha256, bytes: bytes.length },
    epochs: 1,
    rowsPerEpoch: 512,
    rate: 1e-3,
    proximal: 0,
    clip: 1,
    noiseMultiplier: 0,
    heldBackDays: 7,
    deadline: T0 + 3_600_000,
    ...over,
  },
});

async function rig(days: number, weights = bytes) {
  const clock = new VirtualClock(T0);
  const disk = new SimDisk();
  const book = new LoadBook({ disk, load, seed: history(days) });
  await book.open(T0);
  const reports: DocumentReport[] = [];
  const offers: TrainingReport[] = [];
  const chunks: Uint8Array[] = [];
  const learner: Learner = new Learner({
    disk,
    clock,
    book,
    trainer: inlineTrainer(new SeededRandom(1)),
    zone: 'Europe/Amsterdam',
    publish: async (topic, payload) => {
      if (topic === 'reportedTraining') offers.push(JSON.parse(new TextDecoder().decode(payload)));
      if (topic === 'trainingChunk') chunks.push(payload);
      if (topic === 'modelRequest')
        clock.machine.after(1, async () =>
          learner.chunk(encodeChunk({ sha256: await sha256Of(weights), index: 0, bytes: weights })),
        );
      return true;
    },
    sendReport: async (report) => void reports.push(report),
    event: () => undefined,
  });
  await learner.connected();
  return { clock, disk, learner, reports, offers, chunks };
}

const settled = async (clock: VirtualClock, holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 500 && !holds(); tries++) await clock.advance(100);
  assert.ok(holds());
};

test('a round is refused with its code if history, network or base does not fit', async () => {
  const codeOf = async (days: number, over: Partial<TrainingDocument['body']>, weights = bytes): Promise<unknown> => {
    const { clock, learner, reports, offers } = await rig(days, weights);
    learner.take(task(over));
    await settled(clock, () => reports.length > 0);
    assert.equal(offers.length, 0);
    assert.equal(reports[0]!.stage, 'rejected');
    return reports[0]!.code;
  };
  assert.equal(await codeOf(20, {}), 'LS-FED-005');
  assert.equal(await codeOf(40, { network: NETWORK_VERSION + 1 }), 'LS-FED-001');
  const short = bytes.subarray(4);
  assert.equal(await codeOf(40, { base: { sha256: await sha256Of(short), bytes: short.length } }, short), 'LS-FED-001');
  const broken = base.slice();
  broken[7] = Number.NaN;
  const lie = new Uint8Array(broken.buffer);
  assert.equal(await codeOf(40, { base: { sha256: await sha256Of(lie), bytes: lie.length } }, lie), 'LS-FED-002');
});

test('a round without epochs only evaluates the base, and there is nothing to fetch', async () => {
  const { clock, learner, offers, chunks } = await rig(40);
  learner.take(task({ epochs: 0 }));
  await settled(clock, () => offers.length > 0);
  assert.equal(offers[0]!.update, null);
  assert.ok(offers[0]!.days.length >= 6);
  await learner.request(new TextEncoder().encode(JSON.stringify({ sha256, index: 0 })));
  assert.equal(chunks.length, 0, 'the base itself is not offered');
});

test('the load book keeps each mean across a restart and a torn end', async () => {
  const disk = new SimDisk();
  const first = new LoadBook({ disk, load, seed: history(2) });
  await first.open(T0);
  for (let minute = 0; minute <= 31; minute++) first.observe(frame(T0 + minute * 60_000, minute < 15 ? 100 : 200));
  await first.close();
  const before = first.series(T0 + 31 * 60_000);
  const file = await disk.open('training/loads.bin');
  await file.append(new Uint8Array(7).fill(1));
  await file.close();
  const second = new LoadBook({ disk, load });
  await second.open(T0 + 31 * 60_000);
  const again = second.series(T0 + 31 * 60_000);
  assert.equal(again.start, before.start);
  assert.deepEqual(again.values, before.values);
  assert.deepEqual(again.values.slice(-2), Float64Array.of(100, 200));
});

test('a failed append costs the load book only its own entries and leaves no file open', async () => {
  let [isFull, open] = [false, 0];
  class SmallDisk extends SimDisk {
    override async open(path: string): Promise<DiskFile> {
      const file = await super.open(path);
      open++;
      return {
        get size() {
          return file.size;
        },
        append: async (entry) => {
          await file.append(isFull ? entry.subarray(0, 7) : entry);
          if (isFull) throw new Error('ENOSPC');
        },
        sync: () => file.sync(),
        close: async () => {
          open--;
          await file.close();
        },
      };
    }
  }
  const disk = new SmallDisk();
  const first = new LoadBook({ disk, load, seed: history(2) });
  await first.open(T0);
  for (let minute = 0; minute <= 61; minute++) {
    isFull = minute >= 30 && minute < 45;
    first.observe(frame(T0 + minute * 60_000, minute));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await first.close();
  assert.equal(open, 0);
  const second = new LoadBook({ disk, load });
  await second.open(T0 + 61 * 60_000);
  const { values } = second.series(T0 + 61 * 60_000);
  assert.deepEqual(values.slice(-4).map(Math.floor), Float64Array.of(7, Number.NaN, 37, 52));
});

test('a clock a year ahead or behind removes nothing from the load book', async () => {
  const disk = new SimDisk();
  const year = 365 * 86_400_000;
  const first = new LoadBook({ disk, load, seed: history(20) });
  await first.open(T0);
  const before = first.series(T0);
  for (let minute = 0; minute <= 31; minute++) first.observe(frame(T0 + year + minute * 60_000, 100));
  await first.close();
  // The clock is right again, falls back to 1970 after a power loss, and is right once more.
  for (const now of [T0, 60_000, T0 - 5 * 86_400_000, T0]) {
    const next = new LoadBook({ disk, load });
    await next.open(now);
    if (now === T0) assert.deepEqual(next.series(T0), before);
    await next.close();
  }
});
