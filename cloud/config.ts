import { availableParallelism } from 'node:os';
import { Type, type Static } from 'typebox';
import type { ConfigChecks, RefuseConfig } from '../shared/config/read-config.ts';
import { Id } from '../shared/contracts/ids.ts';
import { EXECUTION_PROVIDERS } from '../shared/inference/execution-provider.ts';
import { Role } from './access/roles.ts';
import { OidcConfig } from './access/oidc-config.ts';
import { checkRabbit, RabbitConfig } from './ingest/rabbitmq/rabbitmq-config.ts';
import { checkRoles, NodeRoles } from './node-roles.ts';
import { checkNotify, NotifyConfig } from './notify/notify-config.ts';
import { DispatchWeights } from './plan/problem/weights.ts';
import { checkPostgres, PostgresConfig } from './sql/postgres-config.ts';
import { TelemetryConfig } from './telemetry/telemetry-config.ts';

/** The service of an installed cloud. */
export const CLOUD_UNIT = 'loadstone-cloud.service';

/** Leaves one core to ingest, broker and API. */
export const otherCores = Math.max(1, availableParallelism() - 1);

const Port = (description: string, fallback: number) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: fallback, description });

const StandbyConfig = Type.Object(
  {
    passphraseFile: Type.String({
      minLength: 1,
      description:
        'its first line, 12 characters or more, the same on both: keys that sign and the authority are kept under it in the database, where the other finds them',
    }),
  },
  {
    additionalProperties: false,
    description:
      'where another cloud has the same database, this one waits and takes over once that has gone; absent: it ends',
  },
);

const TracingConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^/ ]+(/[^ ]*)?$',
      description:
        'of a collector that takes OTLP over HTTP, such as http://localhost:4318; spans go to /v1/traces below it',
    }),
  },
  {
    additionalProperties: false,
    description:
      'the ways of frames to their acknowledgement and of forecasts to setpoints, told to an OpenTelemetry collector; absent: nobody measures them',
  },
);

/** Configuration of a process of the cloud tier. Secrets are files. */
export const CloudConfig = Type.Object(
  {
    region: Type.String({
      default: './region.json',
      description: 'the network model and meter plan of the region (JSON)',
    }),
    data: Type.String({
      default: './.loadstone/cloud',
      description: 'folder for ledger, plans, models, keys and the embedded store',
    }),
    roles: NodeRoles,
    api: Type.Object(
      {
        host: Type.String({
          default: '127.0.0.1',
          description: 'address to listen on',
        }),
        port: Port('page and API', 8080),
        allowedHosts: Type.Array(Type.String(), {
          default: ['localhost', '127.0.0.1', '[::1]'],
          description: 'Host names that requests may carry',
        }),
        publicOrigin: Type.String({
          pattern: '^(https://[^/ ]+)?$',
          default: '',
          description:
            'https://host under which people know the page, by api.tls or a proxy; empty: the host that they name',
        }),
        tls: Type.Optional(
          Type.Object(
            {
              certFile: Type.String({
                default: '',
                description:
                  'certificate with what is above it (PEM), read anew as it changes; empty: by the authority of "loadstone pki"',
              }),
              keyFile: Type.String({ default: '', description: 'its key (PEM); empty: in certFile too' }),
            },
            { description: 'HTTPS for page and API; absent: plain HTTP, over loopback or to a proxy alone' },
          ),
        ),
        trustedProxies: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
          default: [],
          description:
            'addresses and networks of proxies in front of page and API; of them alone X-Forwarded-For and X-Forwarded-Proto are believed',
        }),
        guests: Type.Boolean({
          default: false,
          description:
            'reads over loopback without signing in; not where api.publicOrigin or api.trustedProxies names another way in',
        }),
        callersFile: Type.String({
          default: '',
          description:
            'tokens of planners by SHA-256, with scopes, targets and rate (JSON); users make tokens for themselves',
        }),
        oidc: Type.Optional(OidcConfig),
        passkeyRoles: Type.Array(Role, {
          default: [],
          uniqueItems: true,
          description:
            'whoever has one of these roles may do nothing before they have made a passkey, such as [admin, engineer]; everybody who has one proves it at each sign-in; empty: nobody has to',
        }),
        passkeyApprovals: Type.Boolean({
          default: false,
          description:
            'the second person of a critical act proves a passkey as they approve; a stop, a manual mode and a release never ask',
        }),
        lockAfterMin: Type.Integer({
          minimum: 0,
          maximum: 720,
          default: 30,
          description:
            'minutes without a key, a click or a turn of the wheel after which a desk acts no more before its holder signs in again; it still shows what every role may read, and a stop, a manual mode and a release go out; 0: only who locks it does',
        }),
        notice: Type.String({
          maxLength: 4000,
          default: '',
          description: 'what everybody reads before they sign in: plain text, its lines as they stand; empty: nothing',
        }),
        webhookHosts: Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
          default: [],
          description:
            'where webhooks may go: hosts over https with a public address, * for every such one, and origins such as http://10.0.0.5:9000, which may also be private; empty: nowhere',
        }),
        requestsPerSecond: Type.Number({
          exclusiveMinimum: 0,
          maximum: 100_000,
          default: 500,
          description: 'of a caller whose line names no rate; four seconds of it may come at once',
        }),
      },
      { default: {} },
    ),
    attack: Type.Object(
      {
        allow: Type.Boolean({
          default: false,
          description:
            'lets "loadstone attack --target" on another machine attack this cloud: for a cloud that nobody uses',
        }),
      },
      { default: {} },
    ),
    uplink: Type.Object(
      {
        host: Type.String({ default: '127.0.0.1', description: 'address on which gateways connect' }),
        port: Port('MQTT for the uplinks, over TLS; it needs certificates, see "loadstone pki init"', 8883),
        plainPort: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 65_535,
            description: 'plain MQTT on 127.0.0.1, for gateways by password and for a TLS proxy; absent: there is none',
          }),
        ),
        rabbitmq: Type.Optional(RabbitConfig),
        names: Type.Array(Type.String({ pattern: '^[a-z0-9.:-]{1,253}$' }), {
          default: [],
          description:
            'host names and addresses by which gateways know the cloud; localhost and the name of the machine are always among them',
        }),
        hostId: Type.String({ default: 'loadstone-cloud', description: 'Sparkplug host id, in STATE messages' }),
        group: Type.Union([Id, Type.Literal('')], {
          default: '',
          description: 'Sparkplug group; empty: the id of the region',
        }),
        usersFile: Type.String({
          default: '',
          description:
            'hashed passwords, one gateway a line; it has to be there, and a change counts at once; empty: users.htpasswd in the data folder',
        }),
        heartbeatS: Type.Number({
          minimum: 1,
          maximum: 600,
          default: 60,
          description: 'seconds of plant time between heartbeats',
        }),
        reorderS: Type.Number({
          minimum: 0,
          maximum: 60,
          default: 2,
          description: 'seconds that a message out of order is waited for before a gateway is asked for its births',
        }),
      },
      { default: {} },
    ),
    telemetry: TelemetryConfig,
    state: Type.Object(
      { postgres: Type.Optional(PostgresConfig) },
      {
        default: {},
        description:
          'where ledger, people, acts, documents and models are kept; without postgres in SQLite files of the data folder',
      },
    ),
    standby: Type.Optional(StandbyConfig),
    tracing: Type.Optional(TracingConfig),
    estimate: Type.Object(
      {
        everyS: Type.Number({
          minimum: 1,
          maximum: 3600,
          default: 5,
          description: 'seconds of plant time between estimates, at least one machine second',
        }),
      },
      { default: {} },
    ),
    forecast: Type.Object(
      {
        everyS: Type.Integer({
          minimum: 300,
          maximum: 86_400,
          default: 900,
          description: 'seconds of plant time between issues',
        }),
        weatherFile: Type.String({
          default: '',
          description: 'recorded weather (JSON), taken as a hindcast and marked so; empty: forecasts without weather',
        }),
        workers: Type.Integer({ minimum: 1, maximum: 32, default: 1, description: 'training threads' }),
      },
      { default: {} },
    ),
    dispatch: Type.Object(
      {
        everyS: Type.Integer({
          minimum: 60,
          maximum: 86_400,
          default: 300,
          description:
            'seconds of plant time between looks at what plans rest on; a plan follows where something moved, or after 30 min',
        }),
        everyFastS: Type.Integer({
          minimum: 60,
          maximum: 86_400,
          default: 900,
          description: 'the same while plant time runs faster than real time',
        }),
        workers: Type.Integer({
          minimum: 1,
          maximum: 32,
          default: otherCores,
          description: 'threads of the optimiser, each started when needed; default: the cores of the machine but one',
        }),
        weights: DispatchWeights,
        co2File: Type.String({
          default: '',
          description: 'CO2 intensity of the grid (JSON, kg/MWh per interval); empty: weights.co2KgPerMwh at all times',
        }),
      },
      { default: {} },
    ),
    alarms: Type.Object(
      {
        rulesFile: Type.String({
          default: '',
          description: 'own alarm rules (YAML), above the shipped ones code by code; empty: as shipped',
        }),
      },
      { default: {} },
    ),
    audit: Type.Object(
      {
        witnessFile: Type.String({
          default: '',
          description:
            'where the signed state of the list of who did what is told, a line each time: a file on another machine that only takes lines; empty: none',
        }),
        witnessEveryS: Type.Integer({
          minimum: 1,
          maximum: 86_400,
          default: 3600,
          description: 'how often, where it has grown',
        }),
      },
      { default: {}, description: 'the list of who did what' },
    ),
    notify: NotifyConfig,
    models: Type.Object(
      {
        retrain: Type.Object(
          {
            weekday: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 6,
                default: 0,
                description: '0 Sunday to 6 Saturday; absent: daily',
              }),
            ),
            at: Type.String({
              pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
              default: '03:00',
              description: 'hh:mm in UTC',
            }),
          },
          { default: {}, description: 'when models are trained anew' },
        ),
        members: Type.Array(Type.Enum(['ridge', 'boosting', 'mlp', 'hours', 'dayBefore'] as const), {
          minItems: 1,
          default: ['ridge', 'boosting', 'mlp', 'hours', 'dayBefore'],
          description:
            'what may join the blend once history suffices: 4 weeks, 8 weeks, 26 weeks, 26 weeks and 4 weeks',
        }),
        executionProvider: Type.Union(
          EXECUTION_PROVIDERS.map((name) => Type.Literal(name)),
          {
            default: 'cpu',
            description:
              'what runs models: cpu, or cuda, openvino or qnn where its ONNX Runtime is installed; where it is not, the cloud does not start. A model that is brought is judged on the cpu',
          },
        ),
        shadowHours: Type.Number({
          minimum: 0.25,
          maximum: 720,
          default: 24,
          description:
            'hours that a new model runs unheard beside the one that answers at the least; it also takes a week of days or more to show that it is better',
        }),
        canaryHours: Type.Number({
          minimum: 0.25,
          maximum: 720,
          default: 24,
          description: 'hours that a new model answers at a share of the places before it answers at all',
        }),
        watchHours: Type.Number({
          minimum: 0.25,
          maximum: 720,
          default: 72,
          description: 'hours after which a model that answers is not rolled back by itself any more',
        }),
        canaryShare: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          default: 0.2,
          description: 'share of the places of a release that a new model is let out to first; at least one',
        }),
        federated: Type.Object(
          {
            enabled: Type.Boolean({
              default: false,
              description: 'asks the gateways that take part for rounds, each time that models are trained anew',
            }),
            rounds: Type.Integer({
              minimum: 1,
              maximum: 100,
              default: 10,
              description: 'rounds before it is measured',
            }),
            roundHours: Type.Number({
              minimum: 0.1,
              maximum: 168,
              default: 2,
              description: 'hours of plant time after which a round goes on without who is late',
            }),
            quorum: Type.Number({
              exclusiveMinimum: 0,
              maximum: 1,
              default: 0.6,
              description: 'share of the gateways that take part whose updates a round needs; three at least',
            }),
            epochs: Type.Integer({
              minimum: 1,
              maximum: 50,
              default: 1,
              description: 'passes of a round at a gateway',
            }),
            clip: Type.Number({
              exclusiveMinimum: 0,
              maximum: 1000,
              default: 1,
              description: 'greatest L2 norm of an update',
            }),
            noiseMultiplier: Type.Number({
              minimum: 0,
              maximum: 100,
              default: 0,
              description:
                'Gaussian noise on each weight over the clip; ten gateways need so much for a budget that protects that nothing is learnt: see npm run bench -- federated',
            }),
          },
          { default: {}, description: 'learning at the gateways: their loads stay there' },
        ),
      },
      { default: {} },
    ),
  },
  { title: 'Cloud configuration' },
);
export type CloudConfig = Static<typeof CloudConfig>;

/** A standby continues from what both clouds can reach. */
function checkStandby({ standby, state, telemetry }: CloudConfig, refuse: RefuseConfig): void {
  if (standby === undefined) return;
  if (state.postgres === undefined)
    refuse('/standby', 'LS-CONFIG-002', 'needs state.postgres: two clouds share what is there');
  if (telemetry.kind !== 'influxdb')
    refuse('/telemetry/kind', 'LS-CONFIG-002', 'is sqlite, on this machine alone: standby needs influxdb');
}

/** Checks what the schema cannot express. */
export const cloudChecks: ConfigChecks<CloudConfig> = {
  after: (config, refuse) => {
    const { notify, state, uplink } = config;
    checkRoles(config, refuse);
    checkStandby(config, refuse);
    checkNotify(notify, refuse);
    // Only an owner opens a port for gateways.
    checkRabbit(config.roles.includes('owner') ? uplink : { ...uplink, port: 0 }, refuse);
    checkPostgres(state.postgres, refuse);
  },
};
