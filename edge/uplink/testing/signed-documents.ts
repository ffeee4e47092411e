import { generateSigningKey, signDocument } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument, SettingsDocument } from '../../../shared/contracts/document.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { START, UplinkBench, type RunningGateway } from './bench.ts';

/** Keys of the cloud that the gateway trusts. */
export const { privateKey, publicKey } = await generateSigningKey();
export const HOUR = 3_600_000;

export const settings = (over: Partial<SettingsDocument> = {}): SettingsDocument => ({
  type: 'settings',
  version: 1,
  gateway: 'owd-01',
  epoch: 3,
  sequence: 10,
  issuedAt: START,
  acceptUntil: START + HOUR,
  validFrom: START,
  validUntil: START + 2 * HOUR,
  body: { gridLimit: { importKw: 250, exportKw: 100 } },
  ...over,
});
export const sign = async (document: DesiredDocument, key = privateKey): Promise<string> =>
  unwrap(await signDocument(document, key));

/** A cloud and a gateway that are connected. */
export async function started(seed = 1): Promise<{ bench: UplinkBench; gateway: RunningGateway }> {
  const bench = new UplinkBench(seed, { keys: [publicKey] });
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  return { bench, gateway };
}
