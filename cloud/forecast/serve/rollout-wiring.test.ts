import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { RegistryEntry } from '../registry/registry.ts';
import { namedBundle } from '../registry/testing/bundle-fixture.ts';
import { quietRollout } from '../registry/testing/quiet-rollout.ts';
import { rolloutWiring } from './rollout-wiring.ts';

const entry = (id: string, weather: ModelManifest['weather']): RegistryEntry =>
  ({ manifest: { ...namedBundle(id, { at: 0 }).manifest, weather } }) as RegistryEntry;
const [plain, warm] = [entry('m-plain', 'none'), entry('m-warm', 'hindcast')];

/** The models sent to the gateway of OWD. */
async function sentTo(takes: boolean, answering: RegistryEntry, beside?: RegistryEntry): Promise<string[]> {
  const sent: string[] = [];
  const wiring = rolloutWiring({
    settings: quietRollout.settings,
    now: () => 0,
    promotions: {} as never,
    gatewayOf: (substation) => `${substation}-01`,
    takesTemperature: (gateway) => gateway === 'owd-01' && takes,
    health: () => undefined,
    desired: async () => ({ answering, beside }),
    sendModels: async (_gateway, first, second) => void sent.push(first.id, ...(second ? [second.id] : [])),
    report: () => undefined,
    changed: () => undefined,
  });
  assert.equal(wiring.takesTemperature('substation:owd'), takes);
  await wiring.applyAtGateway('substation:owd');
  return sent;
}

test('a gateway that takes no temperature is offered no model that needs it', async () => {
  assert.deepEqual(await sentTo(true, plain, warm), ['m-plain', 'm-warm']);
  assert.deepEqual(await sentTo(true, warm, plain), ['m-warm', 'm-plain']);
  assert.deepEqual(await sentTo(false, plain, warm), ['m-plain']);
  assert.deepEqual(await sentTo(false, plain), ['m-plain']);
  assert.deepEqual(await sentTo(false, warm, plain), []);
});
