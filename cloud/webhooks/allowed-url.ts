import { BlockList, isIP } from 'node:net';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Special-purpose address blocks (RFC 6890 and its successors), which are not part of the public internet. */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of IPv6 only global unicast is public, except these blocks, which embed IPv4 or are for documentation. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const special = new BlockList();
for (const block of SPECIAL_V4) special.addSubnet(...split(block), 'ipv4');
for (const block of SPECIAL_V6) special.addSubnet(...split(block), 'ipv6');
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');

function split(block: string): [string, number] {
  const [address, bits] = block.split('/');
  return [address!, Number(bits)];
}

/** Whether an address is on the public internet: not loopback, private, link-local or otherwise special. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && global.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Parses an http or https URL without credentials; undefined: invalid. */
export function postUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOne = url !== undefined && ['http:', 'https:'].includes(url.protocol);
  return isOne && url.username === '' && url.password === '' ? url : undefined;
}

/** Permitted addresses of a delivery: `any` if the configuration names its origin, else only public ones. */
export type Reach = 'any' | 'public';

/**
 * Permitted reach of deliveries to a URL by the configuration's list: an origin such as `http://10.0.0.5:9000` permits itself, a host such
 * as `hooks.example.com` or `*` permits https to public addresses. Throws LS-API-001 for an invalid URL and LS-API-003 if nothing permits
 * it.
 */
export function reachOf(text: string, allowed: readonly string[], pointer: string): Reach {
  const url = postUrl(text);
  if (url === undefined)
    throw new LoadstoneError('LS-API-001', 'the url must be http or https, without a user', pointer);
  if (allowed.some((each) => each.includes('://') && URL.canParse(each) && new URL(each).origin === url.origin))
    return 'any';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isOpen = allowed.some((each) => each === '*' || each === host);
  if (url.protocol !== 'https:' || !isOpen || (isIP(host) !== 0 && !isPublicAddress(host)))
    throw new LoadstoneError(
      'LS-API-003',
      `deliveries to ${url.origin} are not allowed: add its host or origin to api.webhookHosts`,
      pointer,
    );
  return 'public';
}
