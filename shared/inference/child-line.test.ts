import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../time/virtual-clock.ts';
import { ChildLine } from './child-line.ts';
import { HostInference } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface FakeChild {
  readonly got: InferenceRequest[];
  killed: boolean;
  residentMb: number;
  readonly onReply: (reply: InferenceReply) => void;
  readonly onExit: () => void;
}

function rig(answer: (request: InferenceRequest) => InferenceReply | undefined): {
  clock: VirtualClock;
  children: FakeChild[];
  inference: HostInference;
} {
  const clock = new VirtualClock(0);
  const children: FakeChild[] = [];
  const line = new ChildLine({
    time: clock.machine,
    loadTimeoutMs: 1000,
    runTimeoutMs: 100,
    loadsPerProcess: 2,
    memory: { roomMb: 22, perByte: 2 ** 20 },
    fork: ({ onReply, onExit }) => {
      const child: FakeChild = { got: [], killed: false, residentMb: 90, onReply, onExit };
      children.push(child);
      return {
        send: (request) => {
          child.got.push(request);
          const reply = answer(request);
          if (reply !== undefined) queueMicrotask(() => onReply(reply));
          return true;
        },
        kill: () => {
          child.killed = true;
        },
        residentMb: () => child.residentMb,
      };
    },
  });
  return { clock, children, inference: new HostInference(line) };
}

const fine = (request: InferenceRequest): InferenceReply => ({
  id: request.id,
  ok: true,
  ms: 1,
  output: request.kind === 'run' ? Float32Array.of(1) : null,
});

test('an unanswered run kills the child, and the next run finds its model loaded again', async () => {
  let hang = false;
  const { clock, children, inference } = rig((request) => (hang && request.kind === 'run' ? undefined : fine(request)));
  assert.ok((await inference.load('a', Uint8Array.of(1))).ok);
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
  hang = true;
  const late = inference.run('a', Float32Array.of(1), 1);
  await clock.advance(200);
  const outcome = await late;
  assert.equal(outcome.ok ? '' : outcome.fault.code, 'LS-FORECAST-003');
  assert.equal(outcome.ok ? '' : outcome.fault.cause, 'noAnswer');
  assert.ok(children[0]!.killed);
  hang = false;
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
  assert.deepEqual(
    children[1]!.got.map((request) => request.kind),
    ['load', 'run'],
  );
});

test('a dead child answers its callers with an error and is replaced', async () => {
  const { children, inference } = rig((request) =>
    request.kind === 'run' && children.length === 1 ? undefined : fine(request),
  );
  await inference.load('a', Uint8Array.of(1));
  const waiting = inference.run('a', Float32Array.of(1), 1);
  await tick();
  children[0]!.onExit();
  assert.equal((await waiting).ok, false);
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
});

test('the child is replaced after a number of loads, because replaced sessions leak', async () => {
  const { children, inference } = rig(fine);
  for (const name of ['a', 'a', 'b']) assert.ok((await inference.load(name, Uint8Array.of(1))).ok);
  assert.equal(children.length, 2);
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
  assert.deepEqual(
    children[1]!.got.map(({ kind, name }) => `${kind} ${name}`),
    ['load b', 'load a', 'run a'],
  );
});

test('reloads do not count towards the loads after which the child is replaced', async () => {
  const { children, inference } = rig(fine);
  for (const name of ['a', 'b', 'c']) await inference.load(name, Uint8Array.of(1));
  for (const name of ['a', 'b', 'c']) assert.ok((await inference.run(name, Float32Array.of(1), 1)).ok);
  assert.equal(children.length, 2);
  await inference.load('d', Uint8Array.of(1));
  assert.equal(children.length, 2);
});

test('a child is replaced only after its earlier runs have ended', async () => {
  const held: InferenceRequest[] = [];
  const { children, inference } = rig((request) => (request.kind === 'run' ? void held.push(request) : fine(request)));
  for (const name of ['a', 'b']) await inference.load(name, Uint8Array.of(1));
  const run = inference.run('a', Float32Array.of(1), 1);
  const load = inference.load('c', Uint8Array.of(1));
  await tick();
  children[0]!.onReply(fine(held[0]!));
  assert.ok((await run).ok);
  assert.ok((await load).ok);
  assert.ok(children[0]!.killed);
});

test('the time limit of a run starts when the child takes it, not while models load before it', async () => {
  const { clock, children, inference } = rig((request) => (request.kind === 'run' ? fine(request) : undefined));
  const load = inference.load('a', Uint8Array.of(1));
  const run = inference.run('a', Float32Array.of(1), 1);
  await clock.advance(900);
  assert.equal(children[0]!.killed, false);
  children[0]!.onReply(fine(children[0]!.got[0]!));
  assert.ok((await load).ok);
  assert.ok((await run).ok);
  assert.equal(children.length, 1);
});

test('a hanging run does not fail the runs queued behind it', async () => {
  const { clock, children, inference } = rig((request) =>
    request.kind === 'run' && request.name === 'a' ? undefined : fine(request),
  );
  for (const name of ['a', 'b']) await inference.load(name, Uint8Array.of(1));
  const [hung, innocent] = [inference.run('a', Float32Array.of(1), 1), inference.run('b', Float32Array.of(1), 1)];
  await clock.advance(200);
  assert.equal((await hung).ok, false);
  assert.ok((await innocent).ok);
  assert.equal(children.length, 2);
});

test('a failed reload is retried at the next run', async () => {
  let lacksMemory = false;
  const { children, inference } = rig((request) =>
    lacksMemory && request.kind === 'load' ? { id: request.id, ok: false, detail: 'bad_alloc' } : fine(request),
  );
  await inference.load('a', Uint8Array.of(1));
  children[0]!.onExit();
  lacksMemory = true;
  const outcome = await inference.run('a', Float32Array.of(1), 1);
  assert.match(outcome.ok ? '' : outcome.fault.detail, /bad_alloc/);
  lacksMemory = false;
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
  assert.equal(children.length, 2);
});

test('a non-finite output is a fault', async () => {
  const { inference } = rig((request) => ({ ...fine(request), output: Float32Array.of(Number.NaN) }) as InferenceReply);
  const outcome = await inference.run('a', Float32Array.of(1), 1);
  assert.match(outcome.ok ? '' : outcome.fault.detail, /not finite/);
  assert.equal(outcome.ok ? '' : outcome.fault.cause, 'notFinite');
});

test('a run that takes too much memory kills the child, and its model is not loaded again', async () => {
  const { clock, children, inference } = rig((request) =>
    request.kind === 'run' && request.name === 'hungry' ? undefined : fine(request),
  );
  assert.ok((await inference.load('a', Uint8Array.of(1))).ok);
  assert.ok((await inference.load('hungry', Uint8Array.of(2, 2))).ok);
  const run = inference.run('hungry', Float32Array.of(1), 1);
  // The limit is 150 MB plus 1 MB for each byte of the models.
  children[0]!.residentMb = 153;
  await clock.advance(40);
  assert.equal(children[0]!.killed, false);
  children[0]!.residentMb = 154;
  await clock.advance(20);
  const outcome = await run;
  assert.ok(children[0]!.killed);
  assert.match(outcome.ok ? '' : outcome.fault.detail, /hungry failed: it takes too much memory: more than 153 MB/);
  assert.equal(outcome.ok ? '' : outcome.fault.cause, 'noMemory');

  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
  assert.equal((await inference.run('hungry', Float32Array.of(1), 1)).ok, false);
  const again = await inference.load('another name', Uint8Array.of(2, 2));
  assert.equal(again.ok ? '' : again.fault.code, 'LS-MODEL-009');
  assert.deepEqual(
    children[1]!.got.map(({ kind, name }) => `${kind} ${name}`),
    ['load a', 'run a'],
  );
  // Other bytes are another model.
  assert.ok((await inference.load('hungry', Uint8Array.of(3))).ok);
});

test('a load that takes too much memory leaves the previous model of that name in use', async () => {
  const { clock, children, inference } = rig((request) =>
    request.kind === 'load' && request.bytes.length > 1 ? undefined : fine(request),
  );
  assert.ok((await inference.load('a', Uint8Array.of(1))).ok);
  const load = inference.load('a', Uint8Array.of(2, 2));
  await tick();
  children[0]!.residentMb = 500;
  await clock.advance(20);
  const outcome = await load;
  assert.equal(outcome.ok ? '' : outcome.fault.code, 'LS-MODEL-009');
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
});

test('an unload forks no child', async () => {
  const { children, inference } = rig(fine);
  await inference.unload('a');
  assert.equal(children.length, 0);
});

test('a model that takes too much memory while reloading is not reloaded again', async () => {
  let late = false;
  const { clock, children, inference } = rig((request) =>
    late && request.name === 'hungry' && request.kind === 'load' ? undefined : fine(request),
  );
  assert.ok((await inference.load('hungry', Uint8Array.of(2, 2))).ok);
  children[0]!.onExit();
  late = true;
  const first = inference.run('hungry', Float32Array.of(1), 1);
  await tick();
  children[1]!.residentMb = 500;
  await clock.advance(20);
  const outcome = await first;
  assert.equal(outcome.ok ? '' : outcome.fault.cause, 'noMemory');
  assert.ok(children[1]!.killed);
  late = false;
  assert.equal((await inference.run('hungry', Float32Array.of(1), 1)).ok, false);
  assert.equal(children.length, 2);
});

test('a failed fork fails only that request, and the next one retries', async () => {
  let starts = 0;
  const line = new ChildLine({
    time: new VirtualClock(0).machine,
    loadTimeoutMs: 1000,
    runTimeoutMs: 100,
    loadsPerProcess: 2,
    memory: { roomMb: 22, perByte: 2 ** 20 },
    fork: ({ onReply }) => {
      if (starts++ === 0) throw new Error('spawn ENOMEM');
      return {
        send: (request) => {
          queueMicrotask(() => onReply(fine(request)));
          return true;
        },
        kill: () => undefined,
        residentMb: () => 1,
      };
    },
  });
  const inference = new HostInference(line);
  assert.equal((await inference.load('a', Uint8Array.of(1))).ok, false);
  assert.ok((await inference.load('a', Uint8Array.of(1))).ok);
  await inference.close();
});
