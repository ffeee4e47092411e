import { ID_PATTERN } from '../contracts/ids.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';

const PREFIX = 'loadstone-enrol';
const HEX = /^[0-9a-f]+$/;
const SECRET_HEX = 32;
const ROOT_HEX = 64;

/** Lets one gateway request its first certificate, once. */
export interface EnrolmentToken {
  readonly gateway: string;
  /** SHA-256 of the root's certificate, hexadecimal. The gateway verifies the cloud by it before it sends the secret. */
  readonly root: string;
  /** 128 random bits, hexadecimal. */
  readonly secret: string;
}

export const newSecret = (): string => crypto.getRandomValues(new Uint8Array(SECRET_HEX / 2)).toHex();

export const printToken = ({ gateway, root, secret }: EnrolmentToken): string =>
  [PREFIX, gateway, root, secret].join('.');

export function readToken(text: string): Outcome<EnrolmentToken> {
  const [prefix, gateway = '', root = '', secret = '', ...more] = text.trim().split('.');
  const isWhole =
    prefix === PREFIX &&
    new RegExp(ID_PATTERN).test(gateway) &&
    root.length === ROOT_HEX &&
    secret.length === SECRET_HEX &&
    HEX.test(root + secret) &&
    more.length === 0;
  return isWhole
    ? good({ gateway, root, secret })
    : bad('LS-PKI-002', `expected ${PREFIX}.GATEWAY.ROOT.SECRET, as "loadstone pki token GATEWAY" prints it`);
}
