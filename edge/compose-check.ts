import { randomInt } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { lockFolder, type FolderLock } from '../shared/lock/folder-lock.ts';
import { LoadstoneError } from '../shared/outcome/outcome.ts';
import { SeededRandom } from '../shared/ports/random.ts';
import type { Clock } from '../shared/time/clock.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import type { OwnGateway } from './cli/own-gateway.ts';
import type { LineFindings } from './check-uplink.ts';
import type { GatewayConfig } from './config/schema.ts';
import { brokerOptions, chargersOf, sparkplugOf, uplinkConfig } from './compose-daemon.ts';
import { LocalBroker } from './drivers/local-broker.ts';
import { clockFault } from './local/clock-set.ts';
import { PassingLacks } from './local/passing-lacks.ts';
import { openFieldWire } from './drivers/modbus/serial-wire.ts';
import { openToDevices } from './drivers/open-to-devices.ts';
import { Gateway } from './gateway.ts';
import type { FromUplink, Uplink } from './uplink/channel.ts';

const HEARD_MS = 10_000;
const LOOK_MS = 250;
const UPLINK_MS = 15_000;

/** Starts the gateway and waits until every device was heard, at most ten seconds. `mode`: monitor commands nothing. */
export async function ownGateway(config: GatewayConfig, mode: 'monitor' | 'manual'): Promise<OwnGateway> {
  const lock = lockIfThere(config.journal.path, mode);
  const failures: string[] = [];
  const onFailure = (error: unknown): void => void failures.push(String(error));
  const clock = new SystemClock(onFailure);
  const unset = clockFault(clock.plant);
  const lacks = unset === undefined ? [] : [unset];
  const { uplink, found } = probe(config, { clock, lacks, asks: mode === 'monitor', onFailure });
  const cutOffs = new PassingLacks(lacks, clock.machine);
  const broker = new LocalBroker({
    ...brokerOptions(config, clock, lacks),
    onCutOff: (words) => void cutOffs.add(words),
  });
  const devices = await openToDevices(broker, { time: clock.machine, lacks });
  const gateway = new Gateway({
    config: { ...config, mode },
    clock,
    uplink,
    deviceLink: broker.link(),
    openWire: openFieldWire,
    ...(await chargersOf(config, clock)),
    ...(await sparkplugOf(config)),
    random: new SeededRandom(1),
    lacks,
    onFailure,
  });
  await gateway.start();
  for (let waited = 0; waited < HEARD_MS; waited += LOOK_MS) {
    await new Promise<void>((resolve) => void clock.machine.after(LOOK_MS, resolve));
    const { devices, elements } = gateway.status();
    if ([...devices, ...elements].every(({ link }) => link === 'up')) break;
  }
  await found();
  return {
    ask: async (request) => gateway.local(request),
    stop: async () => {
      await gateway.stop();
      await devices.close();
      cutOffs.stop();
      lock?.release();
    },
  };
}

/**
 * Throws LS-DATA-001 if a gateway runs that does not answer at its socket: it would command the same devices. A folder that cannot be
 * locked cannot say so, which bars commands but no reading.
 */
function lockIfThere(journal: string, mode: 'monitor' | 'manual'): FolderLock | undefined {
  if (!existsSync(journal)) return undefined;
  try {
    return lockFolder(journal, new SystemClock(() => undefined).machine.now());
  } catch (error) {
    if (mode === 'manual' || !(error instanceof LoadstoneError) || error.code !== 'LS-DATA-002') throw error;
    return undefined;
  }
}

interface Probe {
  readonly clock: Clock;
  readonly lacks: string[];
  /** Whether the connection to the cloud is tested. */
  readonly asks: boolean;
  readonly onFailure: (error: unknown) => void;
}

/** Stands in for the uplink: reports on the connection to the cloud, and whether the journal's folder is writable. */
function probe(
  config: GatewayConfig,
  { clock, lacks, asks, onFailure }: Probe,
): { readonly uplink: Uplink; readonly found: () => Promise<void> } {
  const { journal } = config;
  const writable = canWrite(journal.path);
  const line = uplinkConfig(config, lacks);
  let found = Promise.resolve();
  const look = async (hears: (message: FromUplink) => void): Promise<void> => {
    // Loaded by a check only; the daemon has these in their own thread.
    const [{ probeLine }, { MqttLink }] = await Promise.all([
      import('./check-uplink.ts'),
      import('./uplink/mqtt-link.ts'),
    ]);
    const random = new SeededRandom(randomInt(2 ** 31));
    const link = new MqttLink({ ...line, clock, random, onFailure });
    const { connected, trouble, signed } = await probeLine(line, { clock, random, link, patienceMs: UPLINK_MS });
    hears({ kind: 'link', connected });
    if (trouble !== null) hears({ kind: 'trouble', text: trouble });
    if (connected) lacks.push(...signedLacks(signed, config));
  };
  const uplink: Uplink = {
    start: async (hears: (message: FromUplink) => void) => {
      hears({
        kind: 'journal',
        state: { backlogFrames: 0, backlogOldest: null, bytes: 0, droppedFrames: 0, lostFrames: 0, writable },
      });
      if (asks) found = look(hears);
      return { stateJson: null, documents: [], model: null };
    },
    send: () => true,
    stop: async () => undefined,
  };
  return { uplink, found: () => found };
}

/** A gateway that accepts no document of its cloud follows no plan. */
function signedLacks(signed: LineFindings['signed'], { gateway }: GatewayConfig): string[] {
  if (signed === null)
    return [
      `signed reply: none within ${UPLINK_MS / 1000} s; check that the cloud knows gateway.id ${gateway.id} in gateway.group ${gateway.group}`,
    ];
  return signed.taken ? [] : [`signed reply: ${signed.text}; check that trust.keysFile belongs to this cloud`];
}

function canWrite(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
