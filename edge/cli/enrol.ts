import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import { bad, LoadstoneError, unwrap, type Outcome } from '../../shared/outcome/outcome.ts';
import { readToken, type EnrolmentToken } from '../../shared/pki/enrolment-token.ts';
import { checkEnrolmentAnswer, type EnrolmentAnswer, type EnrolmentRequest } from '../../shared/pki/enrolment.ts';
import { derOf, pemBlocks } from '../../shared/pki/pem.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { parseConfig, UNCONFIGURED } from '../config/load.ts';
import { putConfig, withNames } from '../config/names.ts';
import { DEFAULT_CONFIG, readText, STATE_FOLDER } from '../local/paths.ts';
import { askCertificate, askRoots, type AuthorityAddress } from '../uplink/ask-authority.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { identityFiles, pendingKeyFile, putIdentity } from '../uplink/identity-files.ts';
import { proxyOf } from '../uplink/proxy-tunnel.ts';
import { HELP } from './help.ts';

/** `edge enrol URL --token-file FILE`, or by hand `edge enrol --request FILE` and `edge enrol --answer FILE`. */
export async function runEnrol(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    'token-file': { type: 'string' },
    request: { type: 'string' },
    answer: { type: 'string' },
  });
  const { 'token-file': tokenFile, request, answer } = values;
  const modeCount = [tokenFile, request, answer].filter((mode) => mode !== undefined).length;
  const [url] = positionals;
  if (values.help) return writeHelp(HELP);
  if (modeCount !== 1) return misused('edge enrol', 'give URL --token-file FILE, --request FILE or --answer FILE');
  if (tokenFile !== undefined && url === undefined)
    return misused('edge enrol', 'give the address of the cloud, such as https://grid.example.net');
  if (tokenFile === undefined && url !== undefined)
    return misused('edge enrol', `${url}: an address is only used with --token-file FILE`);
  const read = readText(values.config);
  if ('why' in read)
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `${read.why}; make a configuration with "edge scan --write" or "edge --print-config"`,
    );
  const address =
    url === undefined
      ? undefined
      : {
          url: url.replace(/^https:/, 'mqtts:'),
          identity: existsSync(STATE_FOLDER) ? join(STATE_FOLDER, 'identity') : undefined,
        };
  const known = (names: Partial<EnrolmentAnswer>) =>
    address === undefined
      ? { text: read.text, set: [] }
      : withNames(read.text, values.config, { ...names, ...address });
  const config = parseConfig(known({}).text, values.config);
  const folder = config.uplink.identity;
  if (folder === undefined)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `${values.config}: uplink.identity is missing; give the folder for the certificate`,
    );
  const named = config.gateway.id === UNCONFIGURED ? undefined : config.gateway.id;
  if (tokenFile === undefined && named === undefined)
    throw new LoadstoneError('LS-CONFIG-002', `${values.config}: gateway.id is ${UNCONFIGURED}; set it first`);
  if (request !== undefined) return askByHand(named!, folder, request);
  const enrolled =
    answer !== undefined
      ? answeredByHand(named!, folder, answer)
      : await enrolAt(
          { url: url!, ...proxyOf(config.uplink), time: new SystemClock(() => undefined).machine },
          tokenIn(tokenFile!, named),
          folder,
        );
  process.stdout.write(
    `${enrolled.gateway} is enrolled: ${identityFiles(folder).gateway}\nroot ${fingerprint(enrolled.roots)} (SHA-256)\n`,
  );
  const { text, set } = known(enrolled);
  if (set.length > 0) {
    putConfig(values.config, text);
    process.stdout.write(`${values.config} now has ${set.join(', ')}\n`);
  }
  return 0;
}

function tokenIn(file: string, named: string | undefined): EnrolmentToken {
  const read = readText(file);
  if ('why' in read) throw new LoadstoneError('LS-CONFIG-003', `--token-file ${file}: ${read.why}`);
  const token = unwrap(readToken(read.text));
  if (named !== undefined && named !== token.gateway)
    throw new LoadstoneError('LS-PKI-002', `the token is for ${token.gateway}, but this gateway is ${named}`);
  return token;
}

/** Enrols a gateway. The cloud authenticates with the root that the token names; only then is the token sent, inside TLS. */
export async function enrolAt(at: AuthorityAddress, token: EnrolmentToken, folder: string): Promise<EnrolmentAnswer> {
  const { gateway } = token;
  const roots = pemBlocks(unwrap(await askRoots(at)), 'CERTIFICATE');
  const root = roots.find((pem) => fingerprint(pem) === token.root);
  if (root === undefined)
    throw new LoadstoneError('LS-PKI-005', `${at.url} does not present the root ${token.root} that the token names`);
  const { key, request } = await makeRequest(gateway);
  const answer = unwrap(await askCertificate(at, { ca: root }, { gateway, secret: token.secret, request }));
  unwrap(putIdentity(folder, key, unwrap(own(answer, gateway)), true));
  return answer;
}

async function askByHand(gateway: string, folder: string, file: string): Promise<number> {
  const { key, request } = await makeRequest(gateway);
  writePrivate(pendingKeyFile(folder), key);
  const asked: EnrolmentRequest = { gateway, request };
  writeFileSync(file, `${JSON.stringify(asked, null, 2)}\n`);
  process.stdout.write(
    `${file}: carry it to the cloud and run "loadstone pki sign FILE" there; the private key stays here\n`,
  );
  return 0;
}

function answeredByHand(gateway: string, folder: string, file: string): EnrolmentAnswer {
  const read = readText(file);
  if ('why' in read) throw new LoadstoneError('LS-CONFIG-003', `--answer ${file}: ${read.why}`);
  const answer = unwrap(own(unwrap(checkEnrolmentAnswer(parsed(read.text, file))), gateway));
  const pending = pendingKeyFile(folder);
  const key = readText(pending);
  if ('why' in key)
    throw new LoadstoneError(
      'LS-PKI-006',
      `${pending}: ${key.why}; no request is waiting for an answer; make one with "edge enrol --request FILE"`,
    );
  unwrap(putIdentity(folder, key.text, answer, true));
  rmSync(pending);
  return answer;
}

const own = (answer: EnrolmentAnswer, gateway: string): Outcome<EnrolmentAnswer> =>
  answer.gateway === gateway
    ? { ok: true, value: answer }
    : bad('LS-PKI-005', `the answer is for ${answer.gateway}, but this gateway is ${gateway}`);

const fingerprint = (pem: string): string =>
  createHash('sha256')
    .update(derOf(pemBlocks(pem, 'CERTIFICATE')[0] ?? ''))
    .digest('hex');

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LoadstoneError('LS-PKI-005', `--answer ${file}: not JSON`);
  }
}
