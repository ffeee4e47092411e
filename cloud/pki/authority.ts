import { messageOf } from '../../shared/outcome/message-of.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { pemBlocks, pemOf } from '../../shared/pki/pem.ts';
import { P256 } from '../../shared/pki/request.ts';
import { Pkcs10CertificateRequest, X509Certificate, type PublicKeyType } from '../../shared/pki/x509.ts';
import { pkiFiles, readPki } from './authority-files.ts';
import { importKey, makeLeaf, type Leaf, type Signer } from './certificates.ts';
import { readIssuer } from './make-authority.ts';
import { LEAF_DAYS, timeOfIssue } from './standing.ts';

/** The issuer: certifies gateways and the cloud itself. Reads its files at each call, so that a new issuer takes effect at once. */
export class Authority {
  readonly #data: string;
  readonly #days: number;

  constructor(data: string, days = LEAF_DAYS) {
    this.#data = data;
    this.#days = days;
  }

  roots(): string {
    return readPki(pkiFiles(this.#data).roots);
  }

  /**
   * Issues a gateway's certificate, with its chain, PEM. LS-PKI-004: the request is not the gateway's, or its key is of another kind than
   * P-256 and Ed25519.
   */
  async certify(gateway: string, request: string, now: number): Promise<Outcome<string>> {
    let asked: Pkcs10CertificateRequest;
    let isOwn: boolean;
    try {
      asked = new Pkcs10CertificateRequest(pemBlocks(request, 'CERTIFICATE REQUEST')[0] ?? '');
      isOwn = await asked.verify();
    } catch (error) {
      return bad('LS-PKI-004', `the request cannot be read: ${messageOf(error)}`);
    }
    if (!isOwn) return bad('LS-PKI-004', 'the request is not signed by its own key');
    const named = asked.subjectName.getField('CN');
    if (named.length !== 1 || named[0] !== gateway)
      return bad(
        'LS-PKI-004',
        `the request is for ${JSON.stringify(named.join(', ').slice(0, 80))}, not for ${gateway}`,
      );
    const { name, namedCurve } = asked.publicKey.algorithm as { readonly name: string; readonly namedCurve?: string };
    if (name !== 'Ed25519' && namedCurve !== P256.namedCurve)
      return bad('LS-PKI-004', `the request has a key of the kind ${namedCurve ?? name}; expected P-256 or Ed25519`);
    const issuedAt = timeOfIssue(this.#data, gateway, now);
    const leaf = { name: gateway, names: [{ type: 'dns', value: gateway }], purpose: 'client', issuedAt } as const;
    return good(await this.#leaf(asked.publicKey, leaf, now));
  }

  /** A key and a certificate for the cloud's own listener, PEM. */
  async serverIdentity(names: Leaf['names'], now: number): Promise<string> {
    const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
    const leaf = { name: names[0]!.value, names, purpose: 'server', issuedAt: now } as const;
    const key = pemOf('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey));
    return key + (await this.#leaf(keys.publicKey, leaf, now));
  }

  async #leaf(key: PublicKeyType, leaf: Omit<Leaf, 'days'>, now: number): Promise<string> {
    const { key: pem, certificate, above } = await readIssuer(this.#data);
    const issuer: Signer = { certificate: new X509Certificate(certificate), key: await importKey(pem) };
    const own = await makeLeaf(issuer, key, { ...leaf, days: this.#days }, now);
    return [`${own}\n`, certificate, ...above].join('');
  }
}
