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
        group: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', default: 'north', description: 'the region' }),
        substation: Id,
        timezone: Type.String({ default: 'UTC', description: 'IANA name, for calendar features' }),
        latitude: Type.Number({
          minimum: -90,
          maximum: 90,
          default: 0,
          description:
            'degrees; with it a plant that does not tell what its sun would give is not shown as limited by night',
        }),
        longitude: Type.Number({ minimum: -180, maximum: 180, default: 0, description: 'degrees' }),
        topologyVersion: optional(
          Type.Integer({
            minimum: 0,
            description: 'version of the network that stands here; plans for another are let go',
          }),
        ),
      },
      { ...closed, description: 'who and where the gateway is' },
    ),
    mode: Type.Union(FeederMode.anyOf, {
      default: 'monitor',
      description: 'monitor commands nothing, manual only guards, automatic follows targets',
    }),
    cycle: Type.Object(
      { periodMs: Type.Integer({ minimum: 50, maximum: 60_000, default: 250, description: 'control period' }) },
      { ...closed, default: {}, description: 'sense, decide, act' },
    ),
    uplink: Type.Object(
      {
        url: Type.String({
          pattern: '^(mqtts?|wss?)://',
          default: 'mqtt://127.0.0.1:1883',
          description: 'broker of the cloud; no user or password here',
        }),
        identity: optional(
          Type.String({
            description:
              'folder with root, certificate and key, for mqtts; "loadstone edge enrol" fills it, and the daemon renews it',
          }),
        ),
        authority: optional(
          Type.String({
            pattern: '^https://[^/@]+$',
            description:
              'where the daemon renews its certificate, if not at url: a cloud on RabbitMQ names it at enrolment',
          }),
        ),
        userFile: optional(
          Type.String({ description: 'file with user:password of the uplink, or the password alone; mode 0600' }),
        ),
        allowPlain: Type.Boolean({
          default: false,
          description:
            'the password may travel in the open, by mqtt or ws to another machine: where the network itself is encrypted',
        }),
        proxy: optional(
          Type.String({
            pattern: '^http://[^/@]+$',
            description: 'HTTP proxy that opens a tunnel to the broker, http://host:port; no user or password here',
          }),
        ),
        proxyUserFile: optional(Type.String({ description: 'file with user:password for the proxy; mode 0600' })),
        hostId: Type.String({
          default: 'loadstone-cloud',
          pattern: '^[^/+#]{0,128}$',
          description: 'Sparkplug primary host, without whose online STATE nothing is sent; empty: none is waited for',
        }),
        keepAliveS: Type.Integer({ minimum: 5, maximum: 1200, default: 60, description: 'MQTT keep-alive' }),
        report: Type.Object(
          {
            deadbandPct: Type.Number({
              minimum: 0,
              maximum: 50,
              default: 1,
              description: 'change that is reported, %',
            }),
            minIntervalS: seconds('least time between two reports of a device', 1),
            maxIntervalS: seconds('an unchanged value is reported again after', REPORT_INTERVAL_S),
            healthS: Type.Number({
              minimum: 1,
              maximum: 3600,
              default: 5,
              description:
                'the health report is sent this often, and at once on a change of state; raise it on a metered line',
            }),
          },
          { ...closed, default: {}, description: 'by exception; what is not reported is not journalled' },
        ),
        budget: Type.Object(
          {
            mbPerMonth: Type.Number({ minimum: 1, default: 500, description: 'data volume' }),
            warnPct: Type.Number({ minimum: 1, maximum: 100, default: 80, description: 'share at which it warns' }),
          },
          { ...closed, default: {}, description: 'beyond it telemetry thins out; plans and events never do' },
        ),
        heartbeat: Type.Object(
          { intervalS: seconds('the cloud sends one each', 60), lostAfterS: seconds('lost after', 120) },
          { ...closed, default: {}, description: 'of the cloud, in plant time' },
        ),
      },
      { ...closed, default: {}, description: 'the line to the cloud' },
    ),
    trust: Type.Object(
      {
        keysFile: optional(
          Type.String({
            description: 'trusted-keys.json of the cloud: the root of its keys, and the list that it has signed',
          }),
        ),
      },
      { ...closed, default: {}, description: 'whose plans, models, settings and commands are taken' },
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
              'what runs the model: cpu, or cuda, openvino or qnn where its ONNX Runtime is installed; where it is not, no model is taken and the baseline answers',
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
            'the gateway keeps half a year of its load and learns from it in rounds that the cloud asks for; clipped changes of weights and sums of losses are sent',
        }),
        withholdMeters: Type.Boolean({
          default: false,
          description:
            'what meters measure stays here: the cloud then plans nothing but default envelopes and forecasts nothing for this place; devices, alarms, health and the peak of the local forecast are still told',
        }),
      },
      { ...closed, default: {}, description: 'learning from the own load' },
    ),
    journal: Type.Object(
      {
        path: Type.String({ default: './.loadstone/journal', description: 'folder of the durable log' }),
        maxMb: Type.Number({ minimum: 1, default: 2000, description: 'space for it' }),
        syncMs: Type.Number({ minimum: 10, maximum: 10_000, default: 200, description: 'it is synced this often' }),
      },
      { ...closed, default: {}, description: 'the durable log' },
    ),
    localBroker: Type.Object(
      {
        listen: Type.String({
          pattern: '^.+:[0-9]{1,5}$',
          default: '127.0.0.1:18830',
          description: 'address and port for the devices',
        }),
        userFile: optional(
          Type.String({ description: 'users of the devices, one a line: name:scrypt$salt$hash; see edge passwd' }),
        ),
        hostId: optional(
          Type.String({
            pattern: '^[^/+#]{1,128}$',
            description:
              'Sparkplug id of the gateway as their host application, for edge nodes that wait for their primary host; absent: gateway.id',
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
            description: 'address and port for GET /health and GET /metrics (Prometheus); whoever reaches it may read',
          }),
        },
        { ...closed, description: 'for those who watch over computers; absent: nothing listens' },
      ),
    ),
    socket: optional(
      Type.Object(
        { path: Type.String({ maxLength: 100, description: 'unix socket of the running daemon' }) },
        { ...closed, description: 'where edge status, manual, stop and mode speak to it' },
      ),
    ),
    guarded: Type.Array(GuardedConfig, {
      default: [],
      maxItems: 20,
      description: 'what the guard keeps within its limits, each with its own meter',
    }),
    guard: Type.Object(
      {
        responseS: Type.Number({
          minimum: 0.5,
          maximum: 60,
          default: 3,
          description: 'time until a command shows at the meter; raise it for devices over radio',
        }),
        marginPct: Type.Number({
          minimum: 0,
          maximum: 20,
          default: 1,
          description: 'relief goes this far below the limit, %',
        }),
        meterErrorPct: Type.Number({
          minimum: 0,
          maximum: 10,
          default: 0.5,
          description:
            'standard error of the meters of transformer and heads, % of reading, of voltages half as much; an excess of three of them is relieved at once, a smaller one by its mean over a minute',
        }),
        reserveMinutes: Type.Number({
          minimum: 0,
          maximum: 240,
          default: 20,
          description:
            'time at rated power that batteries keep for equipment in danger: no grid limit, own plan or limit below a rating takes it',
        }),
      },
      { ...closed, default: {}, description: 'the always-on feedback' },
    ),
    envelope: Type.Object(
      {
        default: PowerMagnitudes('what all commanded devices together may take and feed in without a plan'),
        narrowAfterS: seconds('a plan this old without a cloud begins to narrow to the default', 900),
        releaseKwPerS: Type.Number({ exclusiveMinimum: 0, default: 5, description: 'how fast a limit is released' }),
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
          { description: 'curves and droop that are written to SunSpec inverters; absent: they are left as they are' },
        ),
      ),
    ),
    devices: Type.Array(DeviceConfig, { default: [], maxItems: 600, description: 'what is measured or commanded' }),
  },
  { ...closed, title: 'Configuration of a gateway' },
);
export type GatewayConfig = Static<typeof GatewayConfig>;
