import { newClient } from 'sparkplug-client';

/**
 * An edge node on a foreign client. A battery behind it follows its setpoint at once and publishes changes. It prints the commands it
 * receives.
 */
const [port = '', password = ''] = process.argv.slice(2);
const client = newClient({
  serverUrl: `mqtt://127.0.0.1:${port}`,
  username: 'plc',
  password,
  groupId: 'north',
  edgeNode: 'plc-1',
  clientId: 'plc-1',
  mqttOptions: { reconnectPeriod: 100 },
});
const POWER = 'Meter/Active Power';
const SET = 'Setpoint/Active Power';
let setW = 0;
const aliases: Readonly<Record<string, number>> = { [POWER]: 1, [SET]: 2 };
const metric = (name: string, value: number, more: object = {}) => ({
  name,
  value,
  type: 'Int32' as const,
  timestamp: Date.now(),
  ...more,
});
const payload = (metrics: ReturnType<typeof metric>[]) => ({ timestamp: Date.now(), metrics });
const say = (what: string): void => void process.stdout.write(`${what}\n`);

const births = (): void => {
  client.publishNodeBirth({
    timestamp: Date.now(),
    metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp: Date.now() }],
  });
  client.publishDeviceBirth('meter', payload([metric('Voltage', 231)]));
  client.publishDeviceBirth(
    'battery',
    payload([POWER, SET].map((name) => metric(name, setW, { alias: aliases[name] }))),
  );
};
client.on('birth', () => {
  births();
  say('born');
});
client.on('ncmd', ({ metrics }) => {
  if (metrics?.[0]?.name !== 'Node Control/Rebirth' || metrics[0].value !== true) return;
  births();
  say('reborn');
});
client.on('dcmd', (device, { metrics }) => {
  const [command] = metrics ?? [];
  if (device !== 'battery' || Number(command?.alias) !== aliases[SET]) return;
  setW = Number(command?.value);
  say(`told ${command?.type} ${setW}`);
  client.publishDeviceData(
    'battery',
    payload([POWER, SET].map((name) => ({ ...metric('', setW), alias: aliases[name] }) as ReturnType<typeof metric>)),
  );
});
client.on('error', (error) => say(`error ${error.message}`));
process.stdin.on('data', (line: Buffer) => {
  if (line.toString().startsWith('gone')) client.publishDeviceDeath('battery', { timestamp: Date.now() });
});
process.stdin.on('end', () => client.stop());
