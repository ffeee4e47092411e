import { accessSync, constants, mkdirSync } from 'node:fs';
import { SeededRandom } from '../shared/ports/random.ts';
import type { TimeBase } from '../shared/time/clock.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import type { OwnGateway } from './cli/own-gateway.ts';
import { packetBytesOf } from './config/reads.ts';
import type { GatewayConfig } from './config/schema.ts';
import { accessOf } from './config/users.ts';
import { chargersOf, proxyOf, sparkplugOf, usersOf } from './compose-daemon.ts';
import { LocalBroker } from './drivers/local-broker.ts';
import { openFieldWire } from './drivers/modbus/serial-wire.ts';
import { openToDevices } from './drivers/open-to-devices.ts';
import { Gateway } from './gateway.ts';
import { keysFileOf, trustedKeys } from './trusted-keys.ts';
import type { FromUplink, Uplink } from './uplink/channel.ts';
import { openSocket } from './uplink/proxy-tunnel.ts';

const HEARD_MS = 10_000;
const LOOK_MS = 250;
const UPLINK_MS = 3000;

/** Starts it and waits until every device was heard, at most ten seconds. `mode`: monitor commands nothing. */
export async function ownGateway(config: GatewayConfig, mode: 'monitor' | 'manual'): Promise<OwnGateway> {
  const failures: string[] = [];
  const clock = new SystemClock((error) => failures.push(String(error)));
  const lacks: string[] = [];
  trustedKeys(keysFileOf(config), lacks);
  const broker = new LocalBroker({
    listen: config.localBroker.listen,
    ...usersOf(config, lacks),
    access: accessOf(config),
    maxPacketBytes: packetBytesOf(config),
  });
  const devices = await openToDevices(broker, { time: clock.machine, lacks });
  const gateway = new Gateway({
    config: { ...config, mode },
    clock,
    uplink: await probe(config, clock.machine),
    deviceLink: broker.link(),
    openWire: openFieldWire,
    ...(await chargersOf(config, clock)),
    ...(await sparkplugOf(config)),
    random: new SeededRandom(1),
    lacks,
    onFailure: (error) => failures.push(String(error)),
  });
  await gateway.start();
  for (let waited = 0; waited < HEARD_MS; waited += LOOK_MS) {
    await new Promise<void>((resolve) => void clock.machine.after(LOOK_MS, resolve));
    const { devices, elements } = gateway.status();
    if ([...devices, ...elements].every(({ link }) => link === 'up')) break;
  }
  return {
    ask: async (request) => gateway.local(request),
    stop: async () => {
      await gateway.stop();
      await devices.close();
    },
  };
}

/** In the place of the uplink: says whether its address answers and the journal's folder can be written. */
async function probe({ uplink, journal }: GatewayConfig, time: TimeBase): Promise<Uplink> {
  const connected = await answers(uplink, time);
  const writable = canWrite(journal.path);
  return {
    start: async (hears: (message: FromUplink) => void) => {
      hears({ kind: 'link', connected });
      hears({
        kind: 'journal',
        state: { backlogFrames: 0, backlogOldest: null, bytes: 0, droppedFrames: 0, lostFrames: 0, writable },
      });
      return { stateJson: null, documents: [], model: null };
    },
    send: () => true,
    stop: async () => undefined,
  };
}

/** Whether the broker's address takes a connection, through the proxy where there is one. */
function answers(uplink: GatewayConfig['uplink'], time: TimeBase): Promise<boolean> {
  const { url } = uplink;
  const { proxy } = proxyOf(uplink);
  return openSocket(url, proxy, { time, timeoutMs: UPLINK_MS }).then(
    (socket) => {
      socket.on('error', () => undefined).destroy();
      return true;
    },
    () => false,
  );
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
