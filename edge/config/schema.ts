import { Type, type Static } from 'typebox';
import { Authority, DeviceType, FeederMode, Id } from '../../shared/contracts/ids.ts';
import { Models, RegisterRead, registerConnection, RegisterWrites, sunspecConnection, TimedWrites } from './modbus.ts';
import { gridCodes, type GridCodeId } from '../../shared/grid/grid-codes.ts';
import { ocppConnection, OcppWrites } from './ocpp.ts';
import { MqttRead, MqttWrites, setpointMetrics } from './signals.ts';
import { sparkplugConnection, SparkplugRead, SparkplugWrites } from './sparkplug.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;

/** A limit that carries its direction in its name; a negative one is LS-CONFIG-004. */
const magnitude = (description: string) => Type.Number({ minimum: 0, magnitude: true, description });
const seconds = (description: string, value: number) =>
  Type.Number({ minimum: 0, maximum: 1e6, default: value, description });

const Band = (description: string) => Type.Tuple([Type.Number(), Type.Number()], { description });

const Sign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  default: 'consumption-positive',
  description: 'how the device counts power',
});
const SunspecSign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  description: 'how the device counts power; absent: inverters generation-positive, meters consumption-positive',
});

const PowerMagnitudes = (description: string) =>
  Type.Object(
    { importKw: magnitude('most that may be taken, kW'), exportKw: magnitude('most that may be fed in, kW') },
    { ...closed, description },
  );

const driver = {
  mqtt: Type.Literal('mqtt', { description: 'a device that publishes JSON at the local broker' }),
  sparkplug: Type.Literal('sparkplug', {
    description: 'a Sparkplug B edge node at the local broker, or a device behind one',
  }),
  sunspec: Type.Literal('sunspec', { description: 'a SunSpec device over Modbus: what it has is found by a scan' }),
  modbus: Type.Literal('modbus', { description: 'a device over Modbus, by the table of its registers' }),
  ocpp: Type.Literal('ocpp', { description: 'a charging site whose chargers connect to the gateway' }),
};

/** What every device has, whatever it speaks. */
const deviceKeys = {
  id: Id,
  type: DeviceType,
  name: optional(Type.String({ maxLength: 120, description: 'name for people' })),
  feeder: optional(Type.String({ description: 'id of the guarded feeder head that the device lies behind' })),
  connectionPoint: optional(
    Type.Object(
      {
        id: Id,
        contract: optional(PowerMagnitudes('what the customer has contracted')),
        floorKw: optional(magnitude('what the customer may never be limited below, kW')),
        authority: optional(Authority),
      },
      {
        ...closed,
        description:
          'where the customer meets the grid, and what may be commanded there; devices with one id share its contract, and a meter with that id is the meter of that customer',
      },
    ),
  ),
  ratings: Type.Object(
    {
      activePowerKw: optional(magnitude('most active power in the direction of the device, kW')),
      apparentPowerKva: optional(magnitude('apparent power of the inverter, kVA')),
      maxReactiveKvar: optional(magnitude('most reactive power either way, kvar')),
      steps: optional(Type.Integer({ minimum: 1, maximum: 100, description: 'steps of a capacitor bank' })),
      chargeKw: optional(magnitude('most charging power of a battery, kW')),
      dischargeKw: optional(magnitude('most discharging power of a battery, kW')),
      capacityKwh: optional(magnitude('energy between 0 and 100 %, kWh')),
      socPct: Type.Tuple([Type.Number({ minimum: 0, maximum: 100 }), Type.Number({ minimum: 0, maximum: 100 })], {
        default: [10, 95],
        description: 'state of charge between which the battery is worked, %',
      }),
      efficiency: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'of one way' })),
      rampKwPerS: optional(magnitude('fastest change that adds stress, kW/s; absent: no ramp')),
      minOnS: optional(
        Type.Number({ minimum: 0, maximum: 86_400, description: 'once it runs it goes on at least, s' }),
      ),
      minOffS: optional(
        Type.Number({ minimum: 0, maximum: 86_400, description: 'once it was stopped it rests at least, s' }),
      ),
      minimumRunKw: optional(magnitude('least power at which it runs, kW; needed by minOnS and minOffS')),
      minimumKwPerSession: optional(magnitude('least power of an EV session that charges, kW')),
    },
    { ...closed, default: {}, description: 'what the device can; never exceeded, whoever asks' },
  ),
  limits: optional(
    Type.Object(
      { voltagePu: optional(Band('voltage at the terminal, lowest and highest, pu')) },
      { ...closed, description: 'limits that the guard keeps at the terminal of the device' },
    ),
  ),
  safeDefault: optional(
    Type.Object(
      {
        activePowerKw: optional(Type.Number({ description: setpointMetrics.activePowerKw })),
        reactivePowerKvar: optional(Type.Number({ description: setpointMetrics.reactivePowerKvar })),
        activePowerLimitKw: optional(magnitude(setpointMetrics.activePowerLimitKw)),
        voltageTargetPu: optional(Type.Number({ description: setpointMetrics.voltageTargetPu })),
        capacitorStep: optional(Type.Integer({ minimum: 0, description: setpointMetrics.capacitorStep })),
      },
      { ...closed, description: 'what it reverts to by itself, and what is assumed when it is silent' },
    ),
  ),
};

const MqttDevice = Type.Object(
  { ...deviceKeys, driver: driver.mqtt, sign: Sign, read: optional(MqttRead), write: optional(MqttWrites) },
  closed,
);

const SparkplugDevice = Type.Object(
  {
    ...deviceKeys,
    driver: driver.sparkplug,
    connection: Type.Object(sparkplugConnection, { ...closed, description: 'which edge node, or device behind it' }),
    sign: Sign,
    read: optional(SparkplugRead),
    write: optional(SparkplugWrites),
  },
  closed,
);

const SunspecDevice = Type.Object(
  {
    ...deviceKeys,
    driver: driver.sunspec,
    connection: Type.Object(
      { ...sunspecConnection, staleAfterS: seconds('silent after, s', 5) },
      { ...closed, description: 'where the device is reached' },
    ),
    models: Models,
    sign: optional(SunspecSign),
    write: optional(TimedWrites),
  },
  closed,
);

const ModbusDevice = Type.Object(
  {
    ...deviceKeys,
    driver: driver.modbus,
    connection: Type.Object(registerConnection, { ...closed, description: 'where the device is reached' }),
    sign: Sign,
    read: optional(RegisterRead),
    write: optional(RegisterWrites),
  },
  closed,
);

const OcppDevice = Type.Object(
  {
    ...deviceKeys,
    driver: driver.ocpp,
    connection: Type.Object(ocppConnection, { ...closed, description: 'where the chargers of the site connect to' }),
    write: OcppWrites,
  },
  closed,
);

export const DeviceConfig = Type.Union([MqttDevice, SparkplugDevice, SunspecDevice, ModbusDevice, OcppDevice]);
export type DeviceConfig = Static<typeof DeviceConfig>;

const meter = { ...closed, description: 'the meter of this element' };
const meterStale = optional(
  Type.Number({ minimum: 0, maximum: 1e6, description: 'silent after, s; absent: what read says, else 5' }),
);
const MeterConfig = Type.Union([
  Type.Object({ driver: driver.mqtt, sign: Sign, staleAfterS: meterStale, read: MqttRead }, meter),
  Type.Object(
    { driver: driver.sparkplug, ...sparkplugConnection, sign: Sign, staleAfterS: meterStale, read: SparkplugRead },
    meter,
  ),
  Type.Object(
    {
      driver: driver.sunspec,
      ...sunspecConnection,
      models: Models,
      sign: optional(SunspecSign),
      staleAfterS: meterStale,
    },
    meter,
  ),
  Type.Object(
    { driver: driver.modbus, ...registerConnection, sign: Sign, staleAfterS: meterStale, read: RegisterRead },
    meter,
  ),
]);

export const GuardedConfig = Type.Object(
  {
    id: Type.String({
      pattern: '^(transformer|feeder-[0-9]+)$',
      description: 'transformer or feeder-1, feeder-2, ...',
    }),
    ratedKva: optional(magnitude('rated apparent power, kVA')),
    meter: MeterConfig,
    limits: Type.Object(
      {
        importKw: optional(magnitude('most that may flow in, kW')),
        exportKw: optional(magnitude('most that may flow back, kW')),
        currentA: optional(magnitude('most current in a phase, A')),
        voltagePu: optional(Band('voltage at the busbar, lowest and highest, pu')),
      },
      { ...closed, default: {}, description: 'set on site; never widened from afar' },
    ),
    emergency: optional(
      Type.Object(
        {
          importKw: optional(magnitude('most that may flow in while an emergency is declared, kW')),
          exportKw: optional(magnitude('most that may flow back while an emergency is declared, kW')),
        },
        {
          ...closed,
          description:
            'limits that two operators may put in the place of importKw and exportKw for a time; absent: none',
        },
      ),
    ),
    thermal: optional(
      Type.Object(
        {
          cooling: Type.Literal('onan', { description: 'oil-immersed, natural circulation of oil and air' }),
          ambientC: Type.Number({
            minimum: -40,
            maximum: 60,
            default: 40,
            description: 'ambient temperature while no device measures it, C',
          }),
        },
        {
          ...closed,
          description: 'load the transformer by its predicted hot spot (IEC 60076-7); absent: by its rating alone',
        },
      ),
    ),
    failsafe: optional(
      Type.Object(
        {
          importKw: magnitude('import that holds without a heartbeat, kW'),
          exportKw: magnitude('export that holds without a heartbeat, kW'),
          minimumHours: Type.Number({
            minimum: 0,
            maximum: 48,
            default: 2,
            description: 'it holds at least this long; then people are called, since it never ends by itself',
          }),
        },
        { ...closed, description: 'for limits that only the cloud knows, when its heartbeat is lost' },
      ),
    ),
  },
  closed,
);
export type GuardedConfig = Static<typeof GuardedConfig>;

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
        userFile: optional(
          Type.String({ description: 'file with user:password of the uplink, or the password alone; mode 0600' }),
        ),
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
            maxIntervalS: seconds('an unchanged value is reported again after', 60),
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
      { keysFile: optional(Type.String({ description: 'JWK set of the keys whose documents count' })) },
      { ...closed, default: {}, description: 'whose plans, models, settings and commands are taken' },
    ),
    forecast: Type.Object(
      {
        historyFile: optional(
          Type.String({
            description: 'JSON with start, stepS and values: 15-min means of the load before the first start, kW',
          }),
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
