import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { makeRequest } from '../../../shared/pki/request.ts';
import { Authority } from '../authority.ts';
import { initAuthority } from '../make-authority.ts';

export interface TestAuthority {
  readonly data: string;
  readonly issuing: Authority;
  /** The cloud's own identity, for localhost. */
  readonly server: string;
  /** Key and certificate of a gateway, PEM; `days` may be negative. */
  gateway(id: string, days?: number): Promise<string>;
  /** The same, written to a file. */
  file(id: string, days?: number): Promise<string>;
  /** A gateway's folder, as "edge enrol" leaves it. */
  identity(id: string): Promise<string>;
}

export const LOCAL = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
] as const;

/** An authority in its own folder. */
export async function authorityInFolder(t: Pick<TestContext, 'after'>, now: number): Promise<TestAuthority> {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-pki-'));
  t.after(() => rmSync(data, { recursive: true }));
  await initAuthority({ data, rootKey: '', now }, 'Loadstone test');
  const gateway = async (id: string, days?: number): Promise<string> => {
    const { key, request } = await makeRequest(id);
    return key + unwrap(await new Authority(data, days).certify(id, request, now));
  };
  return {
    data,
    issuing: new Authority(data),
    server: await new Authority(data).serverIdentity(LOCAL, now),
    gateway,
    file: async (id, days) => {
      const file = join(data, `${id}-${days ?? ''}.pem`);
      writeFileSync(file, await gateway(id, days));
      return file;
    },
    identity: async (id) => {
      const folder = join(data, `identity of ${id}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'gateway.pem'), await gateway(id));
      writeFileSync(join(folder, 'roots.pem'), new Authority(data).roots());
      return folder;
    },
  };
}
