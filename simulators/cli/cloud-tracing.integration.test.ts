import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { spansByProtocol, startOtlpReceiver, tracesOf, type ReceivedSpan } from '../testing/otlp-receiver.ts';
import { letIn, stage, underTraffic, Uplink, uplinkOf } from './testing/drill.ts';
import { start } from './testing/started.ts';

const ms = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1_000_000n);
const attribute = ({ attributes }: ReceivedSpan, key: string): unknown =>
  Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];

test('the cloud traces frames up to their acknowledgement and works without a collector', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.stop());
  const { config, data } = stage(t);
  appendFileSync(config, `tracing: { url: "${receiver.url}" }\n`);
  await letIn(data);
  const cloud = start(t, 'cloud', '--config', config);
  const uplink = new Uplink();
  t.after(() => uplink.end());
  await uplink.connect(await uplinkOf(cloud));
  await underTraffic(uplink, async () => undefined);
  const traces = await until('a frame is traced end to end', () => {
    const whole = tracesOf(receiver.spans, 'frame');
    return whole.length > 0 && whole;
  });
  for (const trace of traces) {
    const whole = trace.get('frame')!;
    assert.match(whole.traceId, /^[0-9a-f]{32}$/);
    assert.equal(whole.parentSpanId, undefined);
    assert.equal(attribute(whole, 'loadstone.gateway'), 'owd-01');
    const steps = ['wait', 'store', 'ledger', 'acknowledge'].map((name) => trace.get(name)!);
    for (const step of steps) {
      assert.match(step.spanId, /^[0-9a-f]{16}$/);
      assert.equal(step.parentSpanId, whole.spanId);
    }
    for (const [at, step] of steps.entries()) {
      assert.ok(ms(step.startTimeUnixNano) <= ms(step.endTimeUnixNano), step.name);
      const next = steps[at + 1];
      if (next !== undefined) assert.ok(Math.abs(ms(next.startTimeUnixNano) - ms(step.endTimeUnixNano)) <= 1);
    }
    assert.equal(whole.endTimeUnixNano, steps.at(-1)!.endTimeUnixNano);
  }
  assert.equal(spansByProtocol(receiver.bodies), receiver.spans.length);

  // Nothing waits for the collector.
  receiver.status = 503;
  await underTraffic(uplink, async () => undefined);
  await cloud.says(/traces cannot be delivered: they are dropped/);
  receiver.status = 200;
  await underTraffic(uplink, async () => undefined);
  await cloud.says(/accepts traces again/);
  cloud.child.kill('SIGTERM');
  assert.equal(await cloud.ended, 0, cloud.said());
});
