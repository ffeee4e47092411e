// What the tests need of Debian, before the first of them starts.
import { debianTool, isHere, remedy } from './debian.mjs';

const needed = [
  'chromium',
  'influxd',
  'mosquitto',
  'mosquitto_pub',
  'nginx',
  'aiosmtpd',
  'openssl',
  'opentelemetry-proto',
  'pandas',
  'pymodbus',
  'postgres',
  'prometheus',
  'rabbitmq',
  'socat',
  'systemd-analyze',
  'systemd-notify',
  'tcc',
];

/** Brings what these test files need and this machine lacks; where that cannot be, one line says what to install, and the process ends. */
export function bringNeeds(files) {
  // A file without a second ending needs nothing.
  if (files.every((file) => /^[^.]*\.test\.ts$/.test(file))) return;
  const missing = needed.filter((name) => !isHere(name));
  try {
    for (const name of missing) debianTool(name);
  } catch (error) {
    process.stderr.write(`loadstone: ${error.message.replace(/type ".*"$/, `type "${remedy(missing)}"`)}\n`);
    process.exit(1);
  }
}
