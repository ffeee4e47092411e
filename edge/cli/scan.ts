import { chownSync, existsSync, writeFileSync } from 'node:fs';
import { commandLine, misused, writeHelp } from '../../shared/config/command-line.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { wireAddress } from '../drivers/modbus/field-lines.ts';
import { serialFraming, tcpFraming } from '../drivers/modbus/framing.ts';
import { ModbusLine } from '../drivers/modbus/line.ts';
import { readAnswer, readRequest } from '../drivers/modbus/pdu.ts';
import type { ReadBlock } from '../drivers/modbus/profile.ts';
import { BAUDS } from '../drivers/modbus/schema.ts';
import type { OpenWire } from '../drivers/modbus/wire.ts';
import { readRatings } from '../drivers/sunspec/ratings.ts';
import { scanSunspec } from '../drivers/sunspec/scan.ts';
import { DEFAULT_CONFIG } from '../local/paths.ts';
import { groupOfUser, SERVICE_USER } from '../local/service-user.ts';
import { HELP } from './help.ts';
import { hostsOf, unitsOf } from './scan-targets.ts';
import { refuseSharedPort } from './shared-port.ts';
import { scanText, type Found, type Target } from './scan-text.ts';

const AT_ONCE = 16;
const PARITIES = ['none', 'even', 'odd'] as const;

/** Looks for SunSpec devices and prints configuration lines to paste, or writes the configuration; returns 1 if none is found. */
export async function runScan(args: readonly string[], openWire: OpenWire): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    port: { type: 'string', default: '502' },
    unit: { type: 'string', default: '1' },
    baud: { type: 'string', default: '19200' },
    parity: { type: 'string', default: 'even' },
    timeout: { type: 'string', default: '1500' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    config: { type: 'string', default: DEFAULT_CONFIG },
  });
  const [target] = positionals;
  if (values.help) return writeHelp(HELP);
  if (target === undefined) return misused('edge scan', 'give HOST, HOST-LAST or /dev/ttyUSB0');
  const port = whole(values.port, '--port', 65_535);
  const timeoutMs = whole(values.timeout, '--timeout', 60_000);
  const units = unitsOf(values.unit);
  const parity = PARITIES.find((each) => each === values.parity);
  if (parity === undefined)
    throw new LoadstoneError('LS-CONFIG-002', `--parity ${values.parity}: expected ${PARITIES.join(', ')}`);
  const baud = BAUDS.find((each) => String(each) === values.baud);
  if (baud === undefined)
    throw new LoadstoneError('LS-CONFIG-002', `--baud ${values.baud}: expected ${BAUDS.join(', ')}`);
  if (values.write && existsSync(values.config))
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `--write: ${values.config} already exists and is not replaced; without --write the lines are printed`,
    );
  if (target.startsWith('/dev/')) await refuseSharedPort(target, values.config);
  const hosts: Target[] = target.startsWith('/dev/')
    ? [{ serial: target, port, baud, parity }]
    : hostsOf(target).map((host) => ({ host, port }));
  const found: Found[] = [];
  const faults: string[] = [];
  const waiting = [...hosts];
  const scanHosts = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      const scanned = await scanHost({ target: host, units, timeoutMs, openWire });
      found.push(...scanned.found);
      faults.push(...scanned.faults);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, hosts.length) }, scanHosts));
  if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else if (found.length > 0) process.stdout.write(`${scanText(found)}\n`);
  if (values.write && found.length > 0) {
    writeFirst(values.config, `${scanText(found)}\n`);
    process.stdout.write(`# written to ${values.config}\n`);
  }
  // In a range most addresses are empty, so faults help only for a single host.
  if (hosts.length === 1) for (const fault of faults) process.stderr.write(`loadstone edge: ${fault}\n`);
  else if (found.length === 0)
    process.stderr.write(`loadstone edge: no SunSpec device answers at ${target}, port ${port}\n`);
  return found.length > 0 ? 0 : 1;
}

interface Host {
  readonly target: Target;
  readonly units: readonly number[];
  readonly timeoutMs: number;
  readonly openWire: OpenWire;
}

async function scanHost({ target, units, timeoutMs, openWire }: Host): Promise<{ found: Found[]; faults: string[] }> {
  const clock = new SystemClock((error) => {
    throw error;
  });
  const address = wireAddress({ ...target, framing: 'tcp' });
  const framing = 'serial' in address ? serialFraming(address.baud) : tcpFraming;
  const line = new ModbusLine({ address, framing, openWire, clock });
  const found: Found[] = [];
  const faults: string[] = [];
  for (const unit of units) {
    const read: ReadBlock = async ({ table, address, count }) => {
      const pdu = readRequest(table, address, count);
      const answer = await line.ask({ unit, pdu, timeoutMs });
      return answer.ok ? readAnswer(pdu, answer.value) : answer;
    };
    const scanned = await scanSunspec(read);
    if (scanned.ok) {
      const ratings = await readRatings(read, scanned.value.models);
      found.push({ connection: target, unit, ...scanned.value, ratings });
    } else faults.push(words(unit, scanned.fault));
  }
  line.close();
  return { found, faults };
}

const words = (unit: number, { code, detail }: Fault): string => `${code}: unit ${unit}: ${detail}`;

function whole(text: string, flag: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new LoadstoneError('LS-CONFIG-002', `${flag} ${text}: expected a whole number from 1 to ${most}`);
  return value;
}

/** Writes a configuration that the service may read and only root may change. */
function writeFirst(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'wx', mode: 0o640 });
  const group = process.getuid?.() === 0 ? groupOfUser(SERVICE_USER) : undefined;
  if (group !== undefined) chownSync(file, 0, group);
}
