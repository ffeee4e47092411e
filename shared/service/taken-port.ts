import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, isIP, isIPv4 } from 'node:net';
import { LoadstoneError } from '../outcome/outcome.ts';

/** Throws LS-PORT-001 with the owner's name if a port of 127.0.0.1 is taken. */
export async function assertFree(port: number, purpose: string): Promise<void> {
  const code = await whyNot('127.0.0.1', port);
  if (code !== undefined)
    throw new LoadstoneError('LS-PORT-001', `port ${port} (${purpose}) is in use by ${holderOf('127.0.0.1', port)}`);
}

/** Throws the fault of `portFault` if the address cannot be opened. Called before work that a later failure would waste. */
export async function assertOpens(place: ListenAddress): Promise<void> {
  const fault = portFault(await whyNot(place.host, place.port), place);
  if (fault !== undefined) throw fault;
}

/** Error code of an attempt to listen there; undefined if it succeeds. */
const whyNot = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });

/** An address to listen on, and the configuration key that sets it. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly key: string;
}

/** An error that names the key and the fix, for codes that concern the address; undefined for any other code. */
export function portFault(code: string | undefined, { host, port, key }: ListenAddress): LoadstoneError | undefined {
  if (code === 'EADDRINUSE')
    return new LoadstoneError(
      'LS-PORT-001',
      `port ${port} on ${host} is in use by ${holderOf(host, port)}; choose another for ${key}`,
    );
  if (code === 'EACCES')
    return new LoadstoneError(
      'LS-CONFIG-002',
      `${key} ${port}: this user may not open a port below 1024; use a higher one behind a proxy`,
    );
  return code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
    ? new LoadstoneError('LS-CONFIG-002', `${key}: ${host} is not an address of this machine`)
    : undefined;
}

function holderOf(host: string, port: number): string {
  const owner = ownerOf(host, port);
  return owner === undefined ? 'another process' : `${owner.name} (pid ${owner.pid})`;
}

/** The process that keeps others from listening there, if this user may see it. /proc/net/tcp names the socket, /proc/PID/fd its holder. */
function ownerOf(host: string, port: number): { pid: number; name: string } | undefined {
  const listening = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeners(file, port));
  for (const { inode } of inTheWay(host, listening)) {
    const pid = pids().find((entry) => /^\d+$/.test(entry) && socketsOf(entry).includes(inode));
    if (pid !== undefined)
      return { pid: Number(pid), name: read(`/proc/${pid}/cmdline`).split('\0').slice(0, 3).join(' ').trim() };
  }
  return undefined;
}

interface Listener {
  readonly address: string;
  readonly inode: string;
}

const ANY = '0.0.0.0';
/** Includes every IPv4 address, unless the socket is for IPv6 alone, which /proc does not tell. */
const ANY_V6 = '::';

/** The listeners that the host's address conflicts with, the surest first. A name may be any address. */
function inTheWay(host: string, listening: readonly Listener[]): Listener[] {
  const own = isIP(host) === 6 ? canonical(host) : host;
  const isSame = ({ address }: Listener): boolean => address === own;
  const conflicts = ({ address }: Listener): boolean => {
    if (isIP(host) === 0 || own === ANY_V6 || address === ANY_V6) return true;
    return isIPv4(address) && (address === ANY ? isIPv4(host) : own === ANY);
  };
  const others = listening.filter((each) => !isSame(each) && conflicts(each));
  const sure = others.filter(({ address }) => address !== ANY_V6);
  return [...listening.filter(isSame), ...sure, ...others.filter(({ address }) => address === ANY_V6)];
}

const canonical = (address: string): string => new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);

/** Empty on systems without /proc. */
function pids(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

const LISTEN = '0A';

function listeners(file: string, port: number): Listener[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(file)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN)
    .map((fields) => ({ address: addressOf(fields[1]!.slice(0, -suffix.length)), inode: fields[9] ?? '' }));
}

const MAPPED = /^0{20}ffff/;

/** /proc writes each 32 bits of an address with its last byte first. */
function addressOf(words: string): string {
  const hex = words.replaceAll(/(..)(..)(..)(..)/g, '$4$3$2$1').toLowerCase();
  const v4 = hex.replace(MAPPED, '');
  if (v4.length === 8)
    return v4
      .match(/../g)!
      .map((byte) => Number.parseInt(byte, 16))
      .join('.');
  return canonical(hex.match(/..../g)!.join(':'));
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(
      (fd) => /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1] ?? '',
    );
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
