import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../time/virtual-clock.ts';
import { EXECUTION_PROVIDERS, PROBE } from './execution-provider.ts';
import { HostInference } from './host-inference.ts';
import { onnxSessions } from './onnx-session.ts';
import { SessionHost } from './session-host.ts';

test('the probe model runs on the CPU', async () => {
  const session = await onnxSessions('cpu')(PROBE);
  assert.deepEqual([...(await session.run(Float32Array.of(4.5), 1))], [4.5]);
  await session.release();
});

for (const provider of EXECUTION_PROVIDERS.filter((name) => name !== 'cpu'))
  test(`without ${provider} every model is refused with LS-CONFIG-005, with no silent fallback`, async () => {
    const host = new SessionHost({
      open: onnxSessions(provider),
      elapsed: () => new VirtualClock(0).machine.elapsed(),
    });
    const inference = new HostInference({ ask: (request) => host.handle(request), close: () => host.close() });
    for (let turn = 0; turn < 2; turn++) {
      const loaded = await inference.load('any', PROBE);
      assert.equal(loaded.ok ? 'it loads' : loaded.fault.code, 'LS-CONFIG-005', JSON.stringify(loaded));
      assert.match(loaded.ok ? '' : loaded.fault.detail, new RegExp(`execution provider ${provider} is not there: .+`));
    }
    await inference.close();
  });
