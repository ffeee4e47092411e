import { mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { commandLine, subcommandOf, writeHelp, type Subcommand } from '../../shared/config/command-line.ts';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { checkEnrolmentRequest, type EnrolmentAnswer } from '../../shared/pki/enrolment.ts';
import type { AuthorityPlace } from '../pki/make-authority.ts';
import { authorityEnds } from '../pki/authority-end.ts';
import { readPki, pkiFiles } from '../pki/authority-files.ts';
import { HOME } from '../pki/server-identity.ts';
import { documentKeys } from '../pki/document-keys.ts';
import { barredUntil, LEAF_DAYS, putStanding, readStandings, revoke as revokeAll } from '../pki/standing.ts';
import { makeToken, rootFingerprint, TOKEN_HOURS } from '../pki/tokens.ts';
import { machineNow, readText } from './data-folder.ts';
import { ownFolder } from './own-keys.ts';
import { assertKnown, knownGateways } from './known-gateways.ts';

const HELP = `usage: loadstone pki init [--name NAME]
       loadstone pki token GATEWAY [--hours N]
       loadstone pki sign FILE
       loadstone pki broker HOST
       loadstone pki revoke GATEWAY
       loadstone pki renew GATEWAY [--hours N]
       loadstone pki roll issuer|root
       loadstone pki drop-old-roots
       loadstone pki show

The certificate authority of the cloud: a root, an issuer below it, and the standing of gateways. The commands also work while the cloud
runs; it follows within a second. Run them as the cloud's user.

  init            creates root and issuer
  token           prints a token by which one gateway enrols once; replaces an earlier token of the gateway
  sign            answers a request that was carried here by hand ("edge enrol --request"), and prints the answer
  broker          prints key and certificate of the RabbitMQ at the host name or address HOST (uplink.rabbitmq), valid for 90 days
  revoke          ends the session and the token of a gateway and rejects its certificates; a new token lets it enrol again
  renew           lets a gateway renew an expired certificate
  roll            replaces the issuer or the root; gateways stay connected, and learn the new root as they renew
  drop-old-roots  ends the old root; run it 90 days after "roll root"
  show            prints the fingerprint of the root, when issuer and root expire, and the standing of gateways

token, sign, revoke and renew accept a gateway of the region, or one that the cloud knows from before.

  --config FILE    configuration of the cloud, which names its data folder and region
  --data DIR       data folder of the cloud
  --root-key FILE  file of the root key (pki/root-key.pem in the data folder); only init and roll need it: keep it offline
  --name NAME      name of the authority (Loadstone)
  --hours N        validity of a token, or of the permission to renew, in hours (${TOKEN_HOURS})
  --help           this text

examples:
  loadstone pki init --config /etc/loadstone/cloud.yaml --root-key /media/usb/root-key.pem
  loadstone pki token owd-01 --config /etc/loadstone/cloud.yaml > token.txt
  loadstone pki revoke owd-01 --config /etc/loadstone/cloud.yaml

exit codes: 0 done, 1 failed, 2 configuration or usage
`;

interface Call {
  readonly place: AuthorityPlace;
  /** Checks that the cloud knows the gateway, and returns it. */
  readonly known: (gateway: string) => Promise<string>;
  /** Gateways connect to a RabbitMQ. */
  readonly isOnRabbit: boolean;
  readonly operand: string;
  readonly name: string;
  readonly hours: number;
}

const COMMANDS: Readonly<Record<string, Subcommand & { run(call: Call): Promise<string> | string }>> = {
  init: { operand: '', run: init },
  token: { operand: 'GATEWAY', run: token },
  sign: { operand: 'FILE', run: sign },
  broker: { operand: 'HOST', run: broker },
  revoke: { operand: 'GATEWAY', run: revoke },
  renew: { operand: 'GATEWAY', run: renew },
  roll: { operand: 'issuer or root', run: roll },
  'drop-old-roots': { operand: '', run: dropOldRoots },
  show: { operand: '', run: show },
};

/** Allowed on a standby. */
const BESIDE: readonly string[] = ['show', 'broker'];

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 2, {
    config: { type: 'string' },
    data: { type: 'string' },
    'root-key': { type: 'string', default: '' },
    name: { type: 'string', default: 'Loadstone' },
    hours: { type: 'string', default: `${TOKEN_HOURS}` },
  });
  if (values.help) return writeHelp(HELP);
  const command = subcommandOf('pki', COMMANDS, positionals);
  if (command === 2) return command;
  const [name = '', operand = ''] = positionals;
  const { config, data } = await ownFolder(values, BESIDE.includes(name));
  const place = { data, rootKey: values['root-key'] === '' ? '' : resolve(values['root-key']), now: machineNow() };
  const known = async (gateway: string): Promise<string> => {
    assertKnown(id(gateway), await knownGateways(data, config.region, config.state.postgres));
    return gateway;
  };
  const isOnRabbit = config.uplink.rabbitmq !== undefined;
  const call = { place, known, isOnRabbit, operand, name: values.name, hours: hoursOf(values.hours) };
  process.stdout.write(await command.run(call));
  return 0;
}

async function init({ place, name }: Call): Promise<string> {
  if (!/^[\w .-]{1,50}$/.test(name))
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `--name ${name}: expected 1 to 50 letters, digits, spaces, dots and dashes`,
    );
  const { initAuthority } = await import('../pki/make-authority.ts');
  mkdirSync(place.data, { recursive: true, mode: 0o700 });
  await initAuthority(place, name);
  const { roots, rootKey } = pkiFiles(place.data);
  return [
    `root   ${rootFingerprint(readPki(roots))} (SHA-256)`,
    `key    ${place.rootKey === '' ? rootKey : place.rootKey}: needed again only for "pki roll"; keep it offline`,
    '',
  ].join('\n');
}

async function token({ place, known, isOnRabbit, operand, hours }: Call): Promise<string> {
  const gateway = await known(operand);
  const until = isOnRabbit ? (barredUntil(readStandings(place.data)[gateway]) ?? 0) : 0;
  if (until > place.now)
    throw new LoadstoneError(
      'LS-PKI-001',
      `${gateway} is revoked, and RabbitMQ rejects its id until ${new Date(until).toISOString()}: give the gateway another id`,
    );
  return `${makeToken(place.data, gateway, { ...place, hours })}\n`;
}

async function sign({ place, known, operand }: Call): Promise<string> {
  const asked = unwrap(checkEnrolmentRequest(parsed(operand)));
  await known(asked.gateway);
  const { Authority } = await import('../pki/authority.ts');
  const authority = new Authority(place.data);
  const certificate = unwrap(await authority.certify(asked.gateway, asked.request, place.now));
  const roots = authority.roots();
  const keys = documentKeys(place.data);
  if (keys.keys.length === 0)
    throw new LoadstoneError(
      'LS-PKI-003',
      `${place.data}: there is no signing key for documents yet, so the gateway would reject every document; start the cloud once`,
    );
  const answer: EnrolmentAnswer = {
    gateway: asked.gateway,
    certificate,
    roots,
    documentKeys: keys,
  };
  process.stderr.write(`root   ${rootFingerprint(roots)} (SHA-256): compare it on site\n`);
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** Makes the broker's key and certificate. They also name localhost, for a broker on the cloud's own machine. */
async function broker({ place, operand }: Call): Promise<string> {
  if (!/^[a-z0-9.:-]{1,253}$/.test(operand))
    throw new LoadstoneError('LS-CONFIG-002', `pki broker ${operand}: expected a host name or address in lower case`);
  const names = [...new Set([operand, ...HOME])].map(
    (value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const,
  );
  const { Authority } = await import('../pki/authority.ts');
  return new Authority(place.data).serverIdentity(names, place.now);
}

async function revoke({ place, known, isOnRabbit, operand }: Call): Promise<string> {
  revokeAll(place.data, await known(operand), machineNow);
  if (isOnRabbit)
    return `${operand}: revoked. RabbitMQ ends its session within seconds. It cannot tell old certificates from new ones, so this id is rejected for ${LEAF_DAYS} days: give the gateway another id.\n`;
  return `${operand}: revoked. Its session ends within a second; "loadstone pki token ${operand}" lets it enrol again.\n`;
}

async function renew({ place, known, operand, hours }: Call): Promise<string> {
  const mayRenewUntil = place.now + hours * 3_600_000;
  putStanding(place.data, await known(operand), { mayRenewUntil });
  return `${operand}: may renew an expired certificate until ${new Date(mayRenewUntil).toISOString()}\n`;
}

async function roll({ place, operand }: Call): Promise<string> {
  const { rollIssuer, rollRoot } = await import('../pki/make-authority.ts');
  if (operand === 'issuer') await rollIssuer(place);
  else if (operand === 'root') await rollRoot(place);
  else throw new LoadstoneError('LS-CONFIG-002', `pki roll ${operand}: expected issuer or root`);
  return `a new ${operand} is in force; root ${rootFingerprint(readPki(pkiFiles(place.data).roots))} (SHA-256)\n`;
}

async function dropOldRoots({ place }: Call): Promise<string> {
  const module = await import('../pki/make-authority.ts');
  return `${await module.dropOldRoots(place)} old roots dropped\n`;
}

function show({ place }: Call): string {
  const lines = Object.entries(readStandings(place.data)).flatMap(([gateway, { revokedAt, mayRenewUntil }]) => [
    ...(revokedAt === undefined ? [] : [`${gateway}: revoked ${new Date(revokedAt).toISOString()}`]),
    ...(mayRenewUntil === undefined ? [] : [`${gateway}: may renew until ${new Date(mayRenewUntil).toISOString()}`]),
  ]);
  const root = rootFingerprint(readPki(pkiFiles(place.data).roots));
  const ends = authorityEnds(place.data).map(
    ({ what, at }) => `${what.padEnd(6)} until ${new Date(at).toISOString().slice(0, 10)}`,
  );
  return [`root   ${root} (SHA-256)`, ...ends, ...lines, ''].join('\n');
}

function id(operand: string): string {
  if (new RegExp(ID_PATTERN).test(operand)) return operand;
  throw new LoadstoneError('LS-CONFIG-002', `${operand}: a gateway id has lower-case letters, digits and dashes`);
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= 720))
    throw new LoadstoneError('LS-CONFIG-002', `--hours ${text}: expected a number above 0, up to 720`);
  return hours;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    throw new LoadstoneError('LS-PKI-004', `${file}: ${messageOf(error)}`);
  }
}
