import { hasAuthority } from '../../cloud/pki/authority-files.ts';
import { documentKeys } from '../../cloud/pki/document-keys.ts';
import { putIdentity, readIdentity, renewalOf } from '../../edge/uplink/identity-files.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';

interface Enrolled {
  readonly id: string;
  /** Folder of its identity. */
  readonly identity: string;
}

/** Creates the demo's certificate authority once, and a certificate for each gateway whose own is missing or due for renewal. */
export async function enrolGateways(cloudData: string, gateways: readonly Enrolled[]): Promise<void> {
  const now = new SystemClock(() => undefined).machine.now();
  if (!hasAuthority(cloudData)) {
    const { initAuthority } = await import('../../cloud/pki/make-authority.ts');
    await initAuthority({ data: cloudData, rootKey: '', now }, 'Loadstone demo');
  }
  const due = gateways.filter(({ identity }) => {
    const read = readIdentity(identity);
    return !read.ok || now >= renewalOf(read.value);
  });
  if (due.length === 0) return;
  const [{ Authority }, { makeRequest }] = await Promise.all([
    import('../../cloud/pki/authority.ts'),
    import('../../shared/pki/request.ts'),
  ]);
  const authority = new Authority(cloudData);
  const roots = authority.roots();
  for (const { id, identity } of due) {
    const { key, request } = await makeRequest(id);
    const certificate = unwrap(await authority.certify(id, request, now));
    const answer = { gateway: id, certificate, roots, documentKeys: documentKeys(cloudData) };
    unwrap(putIdentity(identity, key, answer, true));
  }
}
