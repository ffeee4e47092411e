import type { Region } from '../../../shared/contracts/region.ts';
import type { ApiStart } from '../api-thread-data.ts';

/** The start of an api role with default configuration. */
export const apiStart = (region: Region, port = 0): ApiStart => ({
  settings: {
    guests: false,
    publicOrigin: '',
    tls: false,
    trustedProxies: [],
    demoUser: undefined,
    requestsPerSecond: 1000,
    passkeyRoles: [],
    passkeyApprovals: false,
    notice: '',
    lockAfterMin: 0,
    allowedHosts: ['127.0.0.1'],
    webhookHosts: [],
    dashboardRoot: undefined,
    ssoName: undefined,
    simulated: true,
    federated: false,
  },
  region,
  alarmRules: [],
  callers: { text: undefined, file: '', ownToken: 'own', requestsPerSecond: 1000 },
  host: '127.0.0.1',
  port,
});
