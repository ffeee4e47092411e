import { realpathSync } from 'node:fs';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { runnableConfig } from '../config/load.ts';
import { serialPortsOf } from '../config/reads.ts';
import { socketToAsk } from '../local/paths.ts';
import { answersOn } from '../local/socket-server.ts';

/** Throws LS-PORT-001 if a running gateway polls this serial port: both would read each other's answers. */
export async function refuseSharedPort(port: string, file: string): Promise<void> {
  const config = runnableConfig(file, { env: process.env });
  if (config === undefined || !serialPortsOf(config).some((each) => real(each) === real(port))) return;
  if (await answersOn(socketToAsk(config)))
    throw new LoadstoneError(
      'LS-PORT-001',
      `the running gateway polls ${port}, and two masters take each other's answers; stop it for the scan: sudo systemctl stop loadstone-edge`,
    );
}

/** Ports have several names, such as those in /dev/serial/by-id. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
