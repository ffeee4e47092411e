// Debian packages that the tests need, fetched before the first test starts.
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

/**
 * Fetches what these test files need and this machine lacks. If that fails, prints one line that says what to install, and ends the
 * process.
 */
export function bringNeeds(files) {
  // Plain unit tests (`*.test.ts`) need nothing.
  if (files.every((file) => /^[^.]*\.test\.ts$/.test(file))) return;
  const missing = needed.filter((name) => !isHere(name));
  try {
    for (const name of missing) debianTool(name);
  } catch (error) {
    process.stderr.write(`loadstone: ${error.message.replace(/type ".*"$/, `type "${remedy(missing)}"`)}\n`);
    process.exit(1);
  }
}
