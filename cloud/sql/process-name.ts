import { hostname } from 'node:os';

/** What this process is called wherever processes of several machines are listed: `process 12 of cloud-1`. */
export const processName = (): string => `process ${process.pid} of ${hostname()}`;
