import { createCipheriv, createDecipheriv, createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { LoadstoneError } from '../outcome/outcome.ts';

/** scrypt: 128 MB and about half a second per guess. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
const SALT = 16;
const NONCE = 12;
const TAG = 16;
const MAGIC = Buffer.from('LSKEYS1\n');

/** Keys derived from a passphrase and a salt. One encrypts the secret parts of a backup, the other authenticates the rest. */
export class BackupKey {
  readonly #salt: Uint8Array;
  readonly #encrypts: Uint8Array;
  readonly #vouches: Uint8Array;

  private constructor(passphrase: string, salt: Uint8Array) {
    const both = scryptSync(passphrase.normalize('NFC'), salt, 64, COST);
    this.#salt = salt;
    this.#encrypts = both.subarray(0, 32);
    this.#vouches = both.subarray(32);
  }

  static of(passphrase: string): BackupKey {
    return new BackupKey(passphrase, randomBytes(SALT));
  }

  /** The key that sealed `sealed`, if the passphrase is right. With a wrong passphrase `open` throws LS-BACKUP-003. */
  static for(sealed: Uint8Array, passphrase: string): BackupKey {
    const from = MAGIC.length;
    return new BackupKey(passphrase, sealed.subarray(from, from + SALT));
  }

  seal(plain: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE);
    const head = Buffer.concat([MAGIC, this.#salt, nonce]);
    const cipher = createCipheriv('aes-256-gcm', this.#encrypts, nonce).setAAD(head);
    return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /**
   * `name` identifies the file in error messages. Throws LS-BACKUP-001 if `sealed` is not a sealed file, LS-BACKUP-003 if it does not open.
   */
  open(sealed: Uint8Array, name: string): Uint8Array {
    const from = MAGIC.length + SALT + NONCE;
    const head = sealed.subarray(0, from);
    if (sealed.length < from + TAG || !MAGIC.equals(sealed.subarray(0, MAGIC.length)))
      throw new LoadstoneError('LS-BACKUP-001', `${name}: not an encrypted file`);
    const cipher = createDecipheriv('aes-256-gcm', this.#encrypts, sealed.subarray(MAGIC.length + SALT, from));
    cipher.setAAD(head).setAuthTag(sealed.subarray(-TAG));
    try {
      return Buffer.concat([cipher.update(sealed.subarray(from, -TAG)), cipher.final()]);
    } catch {
      throw new LoadstoneError('LS-BACKUP-003', `${name} cannot be decrypted with this passphrase`);
    }
  }

  /** Whether `mac` is the HMAC that `vouch` gives for `words`. */
  vouchesFor(words: string, mac: string): boolean {
    const own = Buffer.from(this.vouch(words), 'hex');
    const given = Buffer.from(mac, 'hex');
    return own.length === given.length && timingSafeEqual(own, given);
  }

  vouch(words: string): string {
    return createHmac('sha256', this.#vouches).update(words).digest('hex');
  }
}
