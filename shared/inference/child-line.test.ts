import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../time/virtual-clock.ts';
import { ChildLine } from './child-line.ts';
import { HostInference } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

interface FakeChild {
  readonly got: InferenceRequest[];
  killed: boolean;
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
    fork: ({ onReply, onExit }) => {
      const child: FakeChild = { got: [], killed: false, onExit };
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

test('an unanswered run kills the child; the next finds its model loaded again', async () => {
  let hang = false;
  const { clock, children, inference } = rig((request) => (hang && request.kind === 'run' ? undefined : fine(request)));
  assert.ok((await inference.load('a', Uint8Array.of(1))).ok);
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
  hang = true;
  const late = inference.run('a', Float32Array.of(1), 1);
  await clock.advance(200);
  const outcome = await late;
  assert.equal(outcome.ok ? '' : outcome.fault.code, 'LS-FORECAST-003');
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
  children[0]!.onExit();
  assert.equal((await waiting).ok, false);
  assert.ok((await inference.run('a', Float32Array.of(1), 1)).ok);
});

test('the child is replaced after a number of loads, because replaced sessions leak', async () => {
  const { children, inference } = rig(fine);
  for (const name of ['a', 'a', 'b']) assert.ok((await inference.load(name, Uint8Array.of(1))).ok);
  assert.equal(children.length, 2);
  assert.deepEqual(
    children[1]!.got.map((request) => request.name),
    ['a', 'b'],
  );
});

test('a non-finite output is a fault', async () => {
  const { inference } = rig((request) => ({ ...fine(request), output: Float32Array.of(Number.NaN) }) as InferenceReply);
  const outcome = await inference.run('a', Float32Array.of(1), 1);
  assert.match(outcome.ok ? '' : outcome.fault.detail, /not finite/);
});
