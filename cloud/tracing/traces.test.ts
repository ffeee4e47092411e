import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { FOREIGN_RUN } from '../ingest/frame-desk.ts';
import type { FrameWatch } from '../ingest/frame-watch.ts';
import { gateway, ingestRig, T0 } from '../ingest/testing/ingest-rig.ts';
import { FrameTrace } from './frame-trace.ts';
import { PlanTrace } from './plan-trace.ts';
import { spanId, traceId, type Span } from './span.ts';

const names = (spans: readonly Span[]): string[] => spans.map(({ name }) => name);

/** An ingest with or without traced frames. */
async function frames(isTraced: boolean) {
  const spans: Span[] = [];
  let trace: FrameTrace | undefined;
  const watch: FrameWatch = {
    written: (...args) => trace?.written(...args),
    failed: (...args) => trace?.failed(...args),
    acknowledged: (...args) => trace?.acknowledged(...args),
  };
  const rig = await ingestRig(isTraced ? { watch } : {});
  trace = new FrameTrace((span) => spans.push(span), rig.clock);
  await rig.edge.born(['meter-1']);
  const send = async (): Promise<void> => {
    const { edge, clock } = rig;
    for (let n = 0; n < 3; n++)
      await edge.sendFrame(edge.accept('meter-1', clock.plant.now() - 100, { activePowerKw: n }));
  };
  return { ...rig, spans, send };
}

test('the first frame of each batch is traced from its gateway to its acknowledgement', async () => {
  const { spans, clock, ...rig } = await frames(true);
  await rig.send();
  await rig.acks(5000);
  assert.deepEqual(names(spans), ['gateway', 'wait', 'store', 'ledger', 'acknowledge', 'frame']);
  const [atGateway, waited, , , acknowledged, whole] = spans as [Span, Span, Span, Span, Span, Span];
  assert.equal(atGateway.end - atGateway.start, 100);
  assert.equal(waited.start, atGateway.end);
  assert.equal(waited.end - waited.start, 500);
  assert.deepEqual([whole.start, whole.end], [atGateway.start, acknowledged.end]);
  assert.equal(whole.attributes['loadstone.batch.frames'], 3);
  assert.ok(spans.every(({ of }) => of === whole.of));
  assert.ok(whole.end <= clock.machine.now() && whole.start >= T0 - 100);
});

test('each failed try to store a batch is a span in the trace of its first frame', async () => {
  const { spans, store, ...rig } = await frames(true);
  store.fault = new LoadstoneError('LS-STORE-001', 'away');
  await rig.send();
  await rig.acks(2000);
  assert.ok(spans.length > 1 && spans.every(({ name, fault }) => name === 'failed' && fault === 'LS-STORE-001'));
  store.fault = undefined;
  await rig.acks(30_000);
  assert.equal(spans.at(-1)?.name, 'frame');
  assert.equal(new Set(spans.map(({ of }) => of)).size, 1);
  const ids = spans.map(({ name, nth }) => `${name} ${nth}`);
  assert.equal(new Set(ids).size, ids.length);
});

const TIMES = { waitedMs: 3, storeMs: 2, ledgerMs: 1 };
const heldFrame = (run: number, offset: number) => ({
  entry: { gateway, stream: 'measurements' as const, run, offset, time: T0 },
  points: [],
});
const acknowledgement = (run: number, upTo: number) => ({
  version: 1 as const,
  stream: 'measurements' as const,
  run,
  upTo,
  ranges: [],
  refused: [],
});

function frameTrace() {
  const spans: Span[] = [];
  return { spans, trace: new FrameTrace((span) => spans.push(span), new VirtualClock(T0)) };
}

test('every span belongs to a complete trace, whatever precedes the acknowledgement', () => {
  const { spans, trace } = frameTrace();
  for (const offset of [0, 10, 20]) {
    trace.written(heldFrame(7, offset), 10, TIMES);
    trace.failed(heldFrame(7, offset + 5), TIMES, new LoadstoneError('LS-STORE-001', 'away'));
  }
  trace.acknowledged(gateway, acknowledgement(7, 25));
  trace.acknowledged(gateway, acknowledgement(7, 25));
  const wholes = spans.filter(({ name }) => name === 'frame');
  assert.deepEqual(
    wholes.map(({ of }) => of),
    [`frame ${gateway} measurements 7 0`],
  );
  assert.ok(spans.every(({ of }) => of === wholes[0]!.of));
});

test('the trace of a frame of a foreign node, which gets no acknowledgement, ends with the ledger', () => {
  const { spans, trace } = frameTrace();
  for (const offset of [0, 10]) trace.written(heldFrame(FOREIGN_RUN, offset), 10, TIMES);
  assert.deepEqual(names(spans), ['wait', 'store', 'ledger', 'frame', 'wait', 'store', 'ledger', 'frame']);
});

test('frames that are never acknowledged make room for newer ones', () => {
  const { spans, trace } = frameTrace();
  for (let run = 1; run <= 1001; run++) trace.written(heldFrame(run, 0), 1, TIMES);
  const wholes = (): (string | undefined)[] =>
    spans.filter(({ name }) => name === 'frame').map(({ of, fault }) => `${of}: ${fault}`);
  assert.deepEqual(wholes(), [`frame ${gateway} measurements 1 0: unacknowledged`]);
  trace.acknowledged(gateway, acknowledgement(1001, 0));
  assert.equal(wholes().at(-1), `frame ${gateway} measurements 1001 0: undefined`);
});

test('without tracing a batch does not read the clock more than needed', async (t) => {
  const reads = async (isTraced: boolean): Promise<number> => {
    const { clock, ...rig } = await frames(isTraced);
    await rig.send();
    const elapsed = t.mock.method(clock.machine, 'elapsed');
    const now = t.mock.method(clock.machine, 'now');
    await rig.acks(600);
    const count = elapsed.mock.callCount() + now.mock.callCount();
    for (const mock of [elapsed, now]) mock.mock.restore();
    return count;
  };
  const [without, traced] = [await reads(false), await reads(true)];
  // Reads of the clock: begin, store done, ledger done, and the time of day.
  assert.equal(traced - without, 4);
});

const PLAN = {
  id: 'pl-owd-1',
  substation: 'owd',
  trigger: 'schedule',
  status: 'optimal',
  forecastId: 'fc-1',
} as PlanBody;
const report = (id: string, stage: DocumentStage, time: number, code?: string): DocumentReport => ({
  version: 1,
  type: 'plan',
  id,
  epoch: 0,
  sequence: 1,
  stage,
  time,
  ...(code === undefined ? {} : { code }),
});

function plans() {
  const spans: Span[] = [];
  const forecast = { id: 'fc-1', issuedAt: 100 };
  const trace = new PlanTrace(
    (span) => spans.push(span),
    () => forecast as never,
  );
  return { spans, trace };
}

test('the trace of a plan that is rejected, not sent or superseded has no setpoint, but the reason', () => {
  const { spans, trace } = plans();
  trace.made(gateway, PLAN, 200, 210);
  trace.sent(gateway, PLAN, 211);
  trace.reported(gateway, report(PLAN.id, 'rejected', 220, 'LS-DOC-003'));
  trace.reported(gateway, report(PLAN.id, 'applied', 230));
  trace.made(gateway, { ...PLAN, id: 'pl-owd-2' }, 300, 310);
  trace.sent(gateway, { ...PLAN, id: 'pl-owd-2' }, 311, 'LS-DOC-001');
  trace.made(gateway, { ...PLAN, id: 'pl-owd-3' }, 400, 410);
  trace.made(gateway, { ...PLAN, id: 'pl-owd-4' }, 500, 510);
  const wholes = spans.filter(({ name }) => name === 'setpoint');
  assert.deepEqual(
    wholes.map(({ of, start, end, fault }) => [of, start, end, fault]),
    [
      ['plan pl-owd-1', 100, 220, 'LS-DOC-003'],
      ['plan pl-owd-2', 100, 310 + 1, 'LS-DOC-001'],
      ['plan pl-owd-3', 100, 510, 'superseded'],
    ],
  );
});

test('the trace of a plan without a forecast starts with the plan', () => {
  const { spans, trace } = plans();
  const { forecastId: _none, ...bare } = PLAN;
  trace.made(gateway, bare, 200, 210);
  assert.deepEqual(names(spans), ['plan']);
  trace.reported(gateway, report(PLAN.id, 'applied', 220));
  assert.deepEqual(names(spans), ['plan', 'apply', 'setpoint']);
  assert.equal(spans.at(-1)!.start, 200);
});

test('two clouds give the same span the same ids, in W3C sizes', () => {
  assert.match(traceId('plan pl-owd-1'), /^[0-9a-f]{32}$/);
  assert.match(spanId('plan pl-owd-1', 'plan'), /^[0-9a-f]{16}$/);
  assert.notEqual(spanId('plan pl-owd-1', 'plan'), spanId('plan pl-owd-1', 'send'));
});
