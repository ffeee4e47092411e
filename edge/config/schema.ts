import { Type, type Static } from 'typebox';
import { FeederMode, Id } from '../../shared/contracts/ids.ts';
import { REPORT_INTERVAL_S } from '../../shared/time/staleness.ts';
import { EXECUTION_PROVIDERS } from '../../shared/inference/execution-provider.ts';
import { gridCodes, type GridCodeId } from '../../shared/grid/grid-codes.ts';
import { DeviceConfig } from './device.ts';
import { GuardedConfig } from './guarded.ts';
import { closed, optional, PowerMagnitudes, seconds } from '../schema/parts.ts';

export const GatewayConfig = Type.Object(
  {
    gateway: Type.Object(
      {
        id: Id,
        group: Type.String({
          pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
          default: 'north',
          description: 'region; the Sparkplug group of the gateway',
        }),
        substation: Id,
        timezone: Type.String({ default: 'UTC', description: 'IANA time zone of the site' }),
        latitude: Type.Number({
          minimum: -90,
          maximum: 90,
          default: 0,
          description: 'degrees; with it a PV plant that reports no availableKw is not shown as limited at night',
        }),
        longitude: Type.Number({ minimum: -180, maximum: 180, default: 0, description: 'degrees' }),
        topologyVersion: optional(
          Type.Integer({
            minimum: 0,
            description: 'version of the network topology; a plan for another version is dropped',
          }),
        ),
      },
      { ...closed, description: 'identity and place of the gateway' },
    ),
    mode: Type.Union(FeederMode.anyOf, {
      default: 'monitor',
      description: 'monitor commands nothing, manual only guards, automatic follows targets',
    }),
    cycle: Type.Object(
      { periodMs: Type.Integer({ minimum: 50, maximum: 60_000, default: 250, description: 'control period, ms' }) },
      { ...closed, default: {}, description: 'the control cycle: sense, decide, act' },
    ),
    uplink: Type.Object(
      {
        url: Type.String({
          pattern: '^(mqtts?|wss?)://',
          default: 'mqtt://127.0.0.1:1883',
          description: 'broker of the cloud; without user or password',
        }),
        identity: optional(
          Type.String({
            description:
              'folder with root, certificate and key for mqtts; "loadstone edge enrol" fills it, the daemon renews the certificate',
          }),
        ),
        authority: optional(
          Type.String({
            pattern: '^https://[^/@]+$',
            description:
              'where the daemon renews its certificate, if not at url; enrolment sets it for a cloud on RabbitMQ',
          }),
        ),
        userFile: optional(
          Type.String({ description: 'file with user:password for the uplink, or only the password; mode 0600' }),
        ),
        allowPlain: Type.Boolean({
          default: false,
          description:
            'send the password unencrypted (mqtt or ws) to another machine; only where the network itself is encrypted',
        }),
        proxy: optional(
          Type.String({
            pattern: '^http://[^/@]+$',
            description: 'HTTP proxy that opens a tunnel to the broker, http://host:port; without user or password',
          }),
        ),
        proxyUserFile: optional(Type.String({ description: 'file with user:password for the proxy; mode 0600' })),
        hostId: Type.String({
          default: 'loadstone-cloud',
          pattern: '^[^/+#]{0,128}$',
          description:
            'Sparkplug primary host; nothing is sent until its STATE is online; empty: do not wait for a host',
        }),
        keepAliveS: Type.Integer({ minimum: 5, maximum: 1200, default: 60, description: 'MQTT keep-alive, s' }),
        report: Type.Object(
          {
            deadbandPct: Type.Number({
              minimum: 0,
              maximum: 50,
              default: 1,
              description: 'smaller changes are not reported, % of the rating (voltage: of 0.2 pu)',
            }),
            minIntervalS: seconds('least time between two reports of a device, s', 1),
            maxIntervalS: seconds('an unchanged value is reported again after this long, s', REPORT_INTERVAL_S),
            healthS: Type.Number({
              minimum: 1,
              maximum: 3600,
              default: 5,
              description:
                'interval of the health report, s; a change of state is reported at once; raise it on a metered line',
            }),
          },
          { ...closed, default: {}, description: 'reporting by exception; what is not reported is not journalled' },
        ),
        budget: Type.Object(
          {
            mbPerMonth: Type.Number({ minimum: 1, default: 500, description: 'data budget, MB per month' }),
            warnPct: Type.Number({
              minimum: 1,
              maximum: 100,
              default: 80,
              description: 'share of the budget at which the gateway warns, %',
            }),
          },
          {
            ...closed,
            default: {},
            description: 'from warnPct on, telemetry is thinned out; plans and events never are',
          },
        ),
        heartbeat: Type.Object(
          { intervalS: seconds('interval, s', 60), lostAfterS: seconds('counts as lost after, s', 120) },
          { ...closed, default: {}, description: 'heartbeat of the cloud, in plant time' },
        ),
      },
      { ...closed, default: {}, description: 'the connection to the cloud' },
    ),
    trust: Type.Object(
      {
        keysFile: optional(
          Type.String({
            description: 'trusted-keys.json of the cloud: its root key, and the list of keys that the root has signed',
          }),
        ),
      },
      { ...closed, default: {}, description: 'the keys by which plans, models, settings and commands are accepted' },
    ),
    forecast: Type.Object(
      {
        historyFile: optional(
          Type.String({
            description: 'JSON with start, stepS and values: 15-min means of the load before the first start, kW',
          }),
        ),
        executionProvider: Type.Union(
          EXECUTION_PROVIDERS.map((name) => Type.Literal(name)),
          {
            default: 'cpu',
            description:
              'what runs the model; cuda, openvino and qnn need their ONNX Runtime: without it no model is accepted and the baseline forecasts',
          },
        ),
      },
      { ...closed, default: {}, description: 'the local forecast' },
    ),
    federated: Type.Object(
      {
        enabled: Type.Boolean({
          default: false,
          description:
            'keep half a year of load and train on it in the rounds of the cloud; only clipped weight changes and sums of losses are sent',
        }),
        withholdMeters: Type.Boolean({
          default: false,
          description:
            'keep meter values on the gateway: the cloud then plans only default envelopes and makes no forecast for it; devices, alarms, health and the peak of the local forecast are still sent',
        }),
      },
      { ...closed, default: {}, description: 'federated learning from the load of this gateway' },
    ),
    journal: Type.Object(
      {
        path: Type.String({ default: './.loadstone/journal', description: 'folder of the journal' }),
        maxMb: Type.Number({ minimum: 1, default: 2000, description: 'maximum size of the journal, MB' }),
        syncMs: Type.Number({
          minimum: 10,
          maximum: 10_000,
          default: 200,
          description: 'interval of syncs to disk, ms',
        }),
      },
      { ...closed, default: {}, description: 'the durable log of what is sent to the cloud' },
    ),
    localBroker: Type.Object(
      {
        listen: Type.String({
          pattern: '^.+:[0-9]{1,5}$',
          default: '127.0.0.1:18830',
          description: 'address and port for the devices',
        }),
        userFile: optional(
          Type.String({
            description:
              'users of the devices, one per line: name:scrypt$salt$hash; "loadstone edge passwd" prints a line',
          }),
        ),
        hostId: optional(
          Type.String({
            pattern: '^[^/+#]{1,128}$',
            description:
              'Sparkplug host id of the gateway, for edge nodes that wait for their primary host; absent: gateway.id',
          }),
        ),
      },
      { ...closed, default: {}, description: 'the MQTT broker for the devices' },
    ),
    watch: optional(
      Type.Object(
        {
          listen: Type.String({
            pattern: '^.+:[0-9]{1,5}$',
            description:
              'address and port for GET /health and GET /metrics (Prometheus); anyone who reaches it may read',
          }),
        },
        { ...closed, description: 'health and metrics for monitoring systems; absent: not served' },
      ),
    ),
    socket: optional(
      Type.Object(
        { path: Type.String({ maxLength: 100, description: 'unix socket of the running daemon' }) },
        { ...closed, description: 'where edge status, manual, stop and mode reach the daemon' },
      ),
    ),
    guarded: Type.Array(GuardedConfig, {
      default: [],
      maxItems: 20,
      description: 'transformer and feeders that the guard keeps within their limits, each with its own meter',
    }),
    guard: Type.Object(
      {
        responseS: Type.Number({
          minimum: 0.5,
          maximum: 60,
          default: 3,
          description: 'time until a command shows at the meter, s; raise it for devices over radio',
        }),
        marginPct: Type.Number({
          minimum: 0,
          maximum: 20,
          default: 1,
          description: 'relief aims this far below the limit, %',
        }),
        meterErrorPct: Type.Number({
          minimum: 0,
          maximum: 10,
          default: 0.5,
          description:
            'standard error of the meters of transformer and feeder heads, % of reading; half as much for voltages; an excess above three standard errors is relieved at once, a smaller one by its mean over a minute',
        }),
        reserveMinutes: Type.Number({
          minimum: 0,
          maximum: 240,
          default: 20,
          description:
            'reserve that batteries keep for equipment in danger, minutes at rated power; grid limits, the own plan and limits below a rating never use it',
        }),
      },
      { ...closed, default: {}, description: 'the guard, which is always on' },
    ),
    envelope: Type.Object(
      {
        default: PowerMagnitudes('limits of all commanded devices together without a plan'),
        narrowAfterS: seconds('without the cloud, a plan older than this narrows towards the default, s', 900),
        releaseKwPerS: Type.Number({
          exclusiveMinimum: 0,
          default: 5,
          description: 'rate at which a limit is released, kW/s',
        }),
      },
      {
        ...closed,
        default: { default: { importKw: 0, exportKw: 0 } },
        description: 'operating envelope; relief is never ramped',
      },
    ),
    gridCode: optional(
      Type.Unsafe<GridCodeId>(
        Type.Union(
          Object.keys(gridCodes).map((code) => Type.Literal(code)),
          {
            description:
              'grid code whose curves and droop are written to SunSpec inverters; absent: they stay unchanged',
          },
        ),
      ),
    ),
    devices: Type.Array(DeviceConfig, {
      default: [],
      maxItems: 600,
      description: 'devices that are measured or commanded',
    }),
  },
  { ...closed, title: 'Configuration of a gateway' },
);
export type GatewayConfig = Static<typeof GatewayConfig>;
