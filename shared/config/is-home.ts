/** Whether a host is this machine itself, so that traffic to it crosses no network. */
export const isHome = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
