import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** The part of a page's request to its browser that is used here. */
interface Asked {
  readonly challenge: string;
  readonly rp?: { readonly id?: string };
  readonly rpId?: string;
}

const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
const base64url = (bytes: Buffer): string => bytes.toString('base64url');
const USER_PRESENT = 1;
const HAS_CREDENTIAL = 0x40;

/** Bytes with their CBOR head (RFC 8949); fewer than 256. */
const cborBytes = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.length < 24 ? Buffer.of(0x40 + bytes.length) : Buffer.of(0x58, bytes.length), bytes]);
const cborText = (text: string): Buffer => Buffer.concat([Buffer.of(0x60 + text.length), Buffer.from(text)]);

/** An authenticator with one passkey on P-256, per WebAuthn Level 2. */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32);
  /** The signature counter that it reports. */
  counter = 0;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  make({ challenge, rp }: Asked, origin: string) {
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    // COSE (RFC 9053): kty EC2, alg ES256, crv P-256.
    const cose = Buffer.concat([
      Buffer.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21),
      cborBytes(Buffer.from(x!, 'base64url')),
      Buffer.of(0x22),
      cborBytes(Buffer.from(y!, 'base64url')),
    ]);
    const length = Buffer.of(0, this.id.length);
    const own = Buffer.concat([Buffer.alloc(16), length, this.id, cose]);
    const data = Buffer.concat([this.#head(rp?.id ?? '', USER_PRESENT | HAS_CREDENTIAL), own]);
    const attestationObject = Buffer.concat([
      Buffer.of(0xa3),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      Buffer.of(0xa0),
      cborText('authData'),
      cborBytes(data),
    ]);
    const clientDataJSON = clientData('webauthn.create', challenge, origin);
    return this.#credential({
      clientDataJSON: base64url(clientDataJSON),
      attestationObject: base64url(attestationObject),
    });
  }

  prove({ challenge, rpId = '' }: Asked, origin: string) {
    this.counter++;
    const data = this.#head(rpId, USER_PRESENT);
    const clientDataJSON = clientData('webauthn.get', challenge, origin);
    const signature = sign('sha256', Buffer.concat([data, sha256(clientDataJSON)]), this.#keys.privateKey);
    return this.#credential({
      clientDataJSON: base64url(clientDataJSON),
      authenticatorData: base64url(data),
      signature: base64url(signature),
    });
  }

  #head(rpId: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(rpId), Buffer.of(flags), counter]);
  }

  #credential<Response extends object>(response: Response) {
    const id = base64url(this.id);
    return { id, rawId: id, type: 'public-key' as const, response, clientExtensionResults: {} };
  }
}

const clientData = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
