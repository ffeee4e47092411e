import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { bareConfig, loadConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { MOST_PASSWORD_BYTES, userLine } from '../drivers/device-users.ts';
import { DEFAULT_CONFIG, socketToAsk } from '../local/paths.ts';
import type { LocalAnswer, LocalRequest } from '../local/protocol.ts';
import { becomeServiceUser, SERVICE_USER } from '../local/service-user.ts';
import { askDaemon, NoGateway } from '../local/socket-client.ts';
import { duration, numbers } from './assignments.ts';
import { HELP } from './help.ts';
import type { OwnGatewayFor } from './own-gateway.ts';
import { checkLines, statusLines } from '../local/status-text.ts';
import { stepTests } from './test-device.ts';

/** Least and most positional arguments of each command. */
export const localCommands: Readonly<Record<string, readonly [number, number]>> = {
  status: [0, 0],
  check: [0, 0],
  mode: [1, 1],
  manual: [1, 2],
  stop: [0, 1],
  resume: [0, 1],
  tag: [1, 1],
  untag: [1, 1],
  passwd: [1, 1],
};

/** The operand that a command expects. */
function operandOf(name: string): string {
  if (name === 'mode') return 'monitor, manual or automatic';
  if (name === 'manual') return 'on or off';
  return name === 'passwd' ? 'NAME' : 'DEVICE';
}

interface Flags {
  readonly set: readonly string[];
  readonly for: string;
  readonly reason?: string;
}

/** A stop needs no reason, because it may be urgent. */
const STOPPED_HERE = 'stopped at the site';

/** `check` needs no running gateway: before the first start it reads the devices itself. */
async function askOrCheck(
  path: string,
  request: LocalRequest,
  {
    config,
    file,
    user,
    own,
  }: {
    readonly config: GatewayConfig | undefined;
    readonly file: string;
    readonly user: string;
    readonly own: OwnGatewayFor;
  },
): Promise<LocalAnswer> {
  try {
    return await askDaemon(path, request);
  } catch (error) {
    if (!(error instanceof NoGateway)) throw error;
    if (config === undefined)
      throw new LoadstoneError('LS-CONFIG-003', `there is no file ${file}, and ${error.message}`);
    if (request.op !== 'check') throw error;
    const as = becomeServiceUser(user);
    if (as !== undefined) process.stdout.write(`${as}\n`);
    process.stdout.write('no gateway is running: this command reads the devices itself\n');
    // Root can read a file that the service cannot.
    const read = as === undefined ? config : (loadConfig(file, { env: process.env }) ?? config);
    const gateway = await own(read, 'monitor');
    try {
      return await gateway.ask(request);
    } finally {
      await gateway.stop();
    }
  }
}

/** Sends one command to the running gateway. */
export async function runLocal(name: string, args: readonly string[], own: OwnGatewayFor): Promise<number> {
  const [least, most] = localCommands[name] ?? [0, 0];
  const { values, positionals } = commandLine(args, most, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    socket: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    for: { type: 'string', default: '1h' },
    reason: { type: 'string' },
    user: { type: 'string', default: SERVICE_USER },
    json: { type: 'boolean', default: false },
    'step-test': { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  if (positionals.length < least) return misused(`edge ${name}`, `give ${operandOf(name)}`);
  if (name === 'passwd') return passwd(positionals[0]!);
  const request = requestOf(name, positionals, values);
  const config = loadConfig(values.config, { env: process.env });
  const path = values.socket ?? socketToAsk(config ?? bareConfig());
  const answer = await askOrCheck(path, request, { config, file: values.config, user: values.user, own });
  if (!answer.ok) {
    process.stderr.write(`loadstone edge: ${answer.code}: ${answer.text}\n`);
    return answer.code === 'LS-API-001' ? 2 : 1;
  }
  if ('text' in answer) {
    process.stdout.write(`${answer.text}\n`);
    return 0;
  }
  const { status } = answer;
  const lines = name === 'check' ? checkLines(status) : statusLines(status);
  process.stdout.write(values.json ? `${JSON.stringify(status)}\n` : `${lines.join('\n')}\n`);
  if (name === 'check' && values['step-test'] && config !== undefined) return stepTests(config, path);
  const missing = status.link === 'down' || [...status.devices, ...status.elements].some(({ link }) => link !== 'up');
  return name === 'check' && (missing || status.lacks.length > 0) ? 1 : 0;
}

function requestOf(name: string, [first, second]: readonly string[], flags: Flags): LocalRequest {
  // An empty variable of a script must not keep a stop from going out.
  const reason = flags.reason || (name === 'stop' ? STOPPED_HERE : undefined);
  if (name === 'status' || name === 'check') return { op: name };
  if (reason === undefined)
    throw new LoadstoneError('LS-CONFIG-002', `edge ${name} needs --reason TEXT; it is stored with the change`);
  switch (name) {
    case 'mode':
      if (first !== 'monitor' && first !== 'manual' && first !== 'automatic') {
        throw new LoadstoneError('LS-CONFIG-002', `edge mode ${first}: expected monitor, manual or automatic`);
      }
      return { op: 'mode', mode: first, reason };
    case 'stop':
    case 'resume':
      return { op: name, reason, ...(first === undefined ? {} : { device: first }) };
    case 'tag':
    case 'untag':
      return { op: name, device: first!, reason };
    default:
      return manual(first!, second, flags, reason);
  }
}

function manual(onOff: string, device: string | undefined, flags: Flags, reason: string): LocalRequest {
  if (onOff !== 'on' && onOff !== 'off') {
    throw new LoadstoneError('LS-CONFIG-002', `edge manual ${onOff}: expected on or off`);
  }
  const setpoint = numbers(flags.set);
  return {
    op: 'manual',
    on: onOff === 'on',
    forS: duration(flags.for, '--for'),
    reason,
    ...(device === undefined ? {} : { device }),
    ...(Object.keys(setpoint).length === 0 ? {} : { setpoint }),
  };
}

/** Prints the user file's line for a password read from stdin. */
async function passwd(name: string): Promise<number> {
  if (process.stdin.isTTY) process.stderr.write(`password of ${name}, one line: `);
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const password = text.split(/\r?\n/)[0]!;
  if (password.length < 8) throw new LoadstoneError('LS-CONFIG-002', 'the password has fewer than 8 characters');
  if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES)
    throw new LoadstoneError('LS-CONFIG-002', `the password has more than ${MOST_PASSWORD_BYTES} bytes`);
  process.stdout.write(`${await userLine(name, password)}\n`);
  process.stdin.pause();
  return 0;
}
