import { spawn, type ChildProcess } from 'node:child_process';

/** The service manager that started the process. */
export interface ServiceManager {
  /** Never throws: whoever feeds the watchdog goes on. */
  notify(state: string): void;
  /** A third of the time after which it restarts what does not feed its watchdog, ms; 10 s where it has none. */
  readonly everyMs: number;
}

const USUAL_MS = 10_000;

/**
 * systemd as the environment names it (sd_notify(3)); undefined where there is none. Node has no sockets of the kind that it
 * listens on: `systemd-notify` sends for us, so the unit says NotifyAccess=all.
 */
export function serviceManager(
  env: Readonly<Record<string, string | undefined>>,
  onFailure: (error: unknown) => void,
): ServiceManager | undefined {
  if (env['NOTIFY_SOCKET'] === undefined) return undefined;
  const watchdogMs = Number(env['WATCHDOG_USEC']) / 1000;
  return {
    everyMs: watchdogMs > 0 ? watchdogMs / 3 : USUAL_MS,
    notify: (state) => {
      let sender: ChildProcess;
      try {
        sender = spawn('systemd-notify', [state], { stdio: 'ignore', env: { ...env } });
      } catch (error) {
        // Most failures are events; some, such as no memory for a process, are thrown.
        onFailure(error);
        return;
      }
      sender.on('error', onFailure);
      sender.on('close', (code) => {
        if (code !== 0) onFailure(new Error(`systemd-notify ${state} ended with ${code}`));
      });
    },
  };
}
