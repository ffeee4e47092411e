import { spawn, type ChildProcess } from 'node:child_process';

/** The service manager that started the process. */
export interface ServiceManager {
  /** Sends a state. Never throws, so that the caller's watchdog timer keeps running. */
  notify(state: string): void;
  /** A third of the watchdog's time-out, ms; 10 s if the unit has no watchdog. */
  readonly everyMs: number;
}

const USUAL_MS = 10_000;

/**
 * systemd, as the environment names it (sd_notify(3)); undefined if there is none. Node has no Unix datagram sockets, so `systemd-notify`
 * sends for us, and the unit needs NotifyAccess=all.
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
        // Most failures are events. Some, such as too little memory for a process, are thrown.
        onFailure(error);
        return;
      }
      sender.on('error', onFailure);
      sender.on('close', (code) => {
        if (code !== 0) onFailure(new Error(`systemd-notify ${state} exited with ${code}`));
      });
    },
  };
}
