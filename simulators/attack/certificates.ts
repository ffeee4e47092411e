import { Authority } from '../../cloud/pki/authority.ts';
import { initAuthority } from '../../cloud/pki/make-authority.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { pemOf } from '../../shared/pki/pem.ts';
import { makeRequest, P256 } from '../../shared/pki/request.ts';
import * as x509 from '../../shared/pki/x509.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';

const DAY_MS = 86_400_000;
const { machine } = new SystemClock(() => undefined);

/** Creates any kind of certificate that an attacker may have obtained: key and certificate, PEM. */
export class Certificates {
  readonly data: string;

  private constructor(data: string) {
    this.data = data;
  }

  /** Creates an authority in a cloud's data folder. */
  static async make(data: string): Promise<Certificates> {
    await initAuthority({ data, rootKey: '', now: machine.now() }, 'Loadstone attack');
    return new Certificates(data);
  }

  get roots(): string {
    return new Authority(this.data).roots();
  }

  /** A certificate as the cloud issues it. `days` may be negative. */
  async gateway(id: string, days?: number): Promise<string> {
    const { key, request } = await makeRequest(id);
    return key + unwrap(await new Authority(this.data, days).certify(id, request, machine.now()));
  }

  server(): Promise<string> {
    const local = [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ] as const;
    return new Authority(this.data).serverIdentity(local, machine.now());
  }
}

/** Self-signed key and certificate with the names of a gateway. */
export async function selfSigned(name: string): Promise<string> {
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    notBefore: new Date(0),
    notAfter: new Date(machine.now() + DAY_MS),
    signingAlgorithm: P256,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  return `${pemOf('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey))}${certificate.toString('pem')}\n`;
}
