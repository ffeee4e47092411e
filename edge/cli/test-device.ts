import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import { writesOf } from '../config/reads.ts';
import { randomInt } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { loadConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { DEFAULT_CONFIG, socketToAsk } from '../local/paths.ts';
import { becomeServiceUser, SERVICE_USER } from '../local/service-user.ts';
import { askDaemon, NoGateway } from '../local/socket-client.ts';
import { duration, numbers } from './assignments.ts';
import { HELP } from './help.ts';
import { persistedBar } from './persisted-bar.ts';
import type { OwnGatewayFor } from './own-gateway.ts';
import { runStep, smallStep, type StepPorts } from './step-test.ts';
import type { StepVerdict } from './step-verdict.ts';

const MOST_S = 300;

/** `edge test DEVICE --set KEY=VALUE`: returns 0 if the meter responds with the right size and direction. */
export async function runTest(args: readonly string[], own: OwnGatewayFor): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    socket: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    for: { type: 'string', default: '5m' },
  });
  const [id] = positionals;
  if (values.help) return writeHelp(HELP);
  if (id === undefined) return misused('edge test', 'give DEVICE --set KEY=VALUE');
  const config = configAt(values.config);
  const device = config.devices.find((each) => each.id === id);
  if (device === undefined) {
    const known = config.devices.map((each) => each.id).join(', ');
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `there is no device ${id} in ${values.config}; known: ${known || 'none'}`,
    );
  }
  const step = { device, setpoint: numbers(values.set), forS: Math.min(MOST_S, duration(values.for, '--for')) };
  const { proven, text } = await runOrOwn(portsTo(values.socket ?? socketToAsk(config)), step, { config, own });
  process.stdout.write(`${id}: ${proven ? 'PROVEN' : 'NOT PROVEN'}, ${text}\n`);
  return proven ? 0 : 1;
}

/** Without a running gateway this command moves the device itself; no other device is commanded. */
async function runOrOwn(
  ports: StepPorts,
  step: Parameters<typeof runStep>[1],
  { config, own }: { readonly config: GatewayConfig; readonly own: OwnGatewayFor },
): Promise<StepVerdict> {
  try {
    await ports.ask({ op: 'status' });
  } catch (error) {
    if (!(error instanceof NoGateway)) throw error;
    const bar = persistedBar(config.journal.path, step.device.id);
    if (bar !== undefined) return { proven: false, text: bar };
    const as = becomeServiceUser(SERVICE_USER);
    if (as !== undefined) process.stdout.write(`${as}\n`);
    process.stdout.write('no gateway is running: this command moves the device itself\n');
    const gateway = await own({ ...config, devices: [step.device] }, 'manual');
    try {
      return await runStep({ ...ports, ask: (request) => gateway.ask(request) }, step);
    } finally {
      await gateway.stop();
    }
  }
  return runStep(ports, step);
}

/** `edge check --step-test`: tests each commanded device, one after the other. */
export async function stepTests(config: GatewayConfig, socket: string): Promise<number> {
  const ports = portsTo(socket);
  let failed = 0;
  for (const device of config.devices) {
    const write = writesOf(device);
    if (write?.activePowerKw === undefined && write?.activePowerLimitKw === undefined) continue;
    const answer = await ports.ask({ op: 'status' });
    if (!answer.ok || !('status' in answer)) throw new LoadstoneError('LS-API-009', 'the gateway returned no status');
    const setpoint = smallStep(device, answer.status);
    const verdict =
      typeof setpoint === 'string'
        ? { proven: false, text: setpoint }
        : await runStep(ports, { device, setpoint, forS: MOST_S });
    if (!verdict.proven) failed++;
    process.stdout.write(`${device.id}: ${verdict.proven ? 'PROVEN' : 'NOT PROVEN'}, ${verdict.text}\n`);
  }
  return failed === 0 ? 0 : 1;
}

function configAt(path: string): GatewayConfig {
  const config = loadConfig(path, { env: process.env });
  if (config === undefined) throw new LoadstoneError('LS-CONFIG-003', `there is no file ${path}`);
  return config;
}

function portsTo(socket: string): StepPorts {
  const { machine } = new SystemClock(() => undefined);
  return {
    ask: (request) => askDaemon(socket, request),
    random: new SeededRandom(randomInt(2 ** 32)),
    wait: (ms) => new Promise((resolve) => void machine.after(ms, resolve)),
  };
}
