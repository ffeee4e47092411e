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
        'file whose first line is a passphrase of at least 12 characters, the same for both clouds; it encrypts the signing keys and the certificate authority in the database, so that the other cloud can take over',
    }),
  },
  {
    additionalProperties: false,
    description:
      'if another cloud holds the database, this one waits and takes over when the other is gone; absent: this one exits instead',
  },
);

const TracingConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^/ ]+(/[^ ]*)?$',
      description:
        'base address of an OpenTelemetry collector (OTLP over HTTP), such as http://localhost:4318; spans go to /v1/traces below it',
    }),
  },
  {
    additionalProperties: false,
    description:
      'exports traces to an OpenTelemetry collector: from frame to acknowledgement and from forecast to setpoint; absent: no traces',
  },
);

/** Configuration of a process of the cloud tier. Secrets are files. */
export const CloudConfig = Type.Object(
  {
    region: Type.String({
      default: './region.json',
      description: 'file with the network model and meter plan of the region (JSON)',
    }),
    data: Type.String({
      default: './.loadstone/cloud',
      description: 'data folder: ledger, plans, models, keys and the embedded store',
    }),
    roles: NodeRoles,
    api: Type.Object(
      {
        host: Type.String({
          default: '127.0.0.1',
          description: 'address to listen on',
        }),
        port: Port('port of the page and the API', 8080),
        allowedHosts: Type.Array(Type.String(), {
          default: ['localhost', '127.0.0.1', '[::1]'],
          description: 'accepted Host headers of requests',
        }),
        publicOrigin: Type.String({
          pattern: '^(https://[^/ ]+)?$',
          default: '',
          description:
            'https://host at which users open the page, through api.tls or a proxy; empty: the host of each request',
        }),
        tls: Type.Optional(
          Type.Object(
            {
              certFile: Type.String({
                default: '',
                description:
                  'certificate with its chain (PEM), reloaded when it changes; empty: the authority of "loadstone pki" issues one',
              }),
              keyFile: Type.String({
                default: '',
                description: 'private key of the certificate (PEM); empty: certFile contains it',
              }),
            },
            { description: 'HTTPS for the page and the API; absent: plain HTTP, only for loopback or behind a proxy' },
          ),
        ),
        trustedProxies: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
          default: [],
          description:
            'addresses and networks of the proxies in front of the page and the API; X-Forwarded-For and X-Forwarded-Proto are trusted only from these',
        }),
        guests: Type.Boolean({
          default: false,
          description:
            'allows reading over loopback without signing in; not together with api.publicOrigin or api.trustedProxies',
        }),
        callersFile: Type.String({
          default: '',
          description:
            'file of planners (JSON): the SHA-256 of each token, its scopes, targets and rate; users create tokens of their own without it',
        }),
        oidc: Type.Optional(OidcConfig),
        passkeyRoles: Type.Array(Role, {
          default: [],
          uniqueItems: true,
          description:
            'roles that require a passkey, such as [admin, engineer]: such a user can do nothing until they register one; any user with a passkey needs it at each sign-in; empty: no role requires one',
        }),
        passkeyApprovals: Type.Boolean({
          default: false,
          description:
            'the second person must use a passkey to approve a critical act; a stop, a manual mode and a release never need one',
        }),
        lockAfterMin: Type.Integer({
          minimum: 0,
          maximum: 720,
          default: 30,
          description:
            'minutes without a key press, click or scroll after which a desk locks until its holder signs in again; a locked desk still shows what every role may read, and still sends a stop, a manual mode and a release; 0: desks lock only by hand',
        }),
        notice: Type.String({
          maxLength: 4000,
          default: '',
          description: 'text shown before signing in, plain with its line breaks; empty: none',
        }),
        webhookHosts: Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
          default: [],
          description:
            'allowed targets of webhooks: hosts with a public address, over https (* allows every such host), and origins such as http://10.0.0.5:9000, which may be private; empty: no webhooks',
        }),
        requestsPerSecond: Type.Number({
          exclusiveMinimum: 0,
          maximum: 100_000,
          default: 500,
          description:
            'request rate of a caller without a rate of its own; bursts of up to four seconds of it are allowed',
        }),
      },
      { default: {} },
    ),
    attack: Type.Object(
      {
        allow: Type.Boolean({
          default: false,
          description:
            'lets "loadstone attack --target" on another machine attack this cloud; only for a cloud that nobody uses',
        }),
      },
      { default: {} },
    ),
    uplink: Type.Object(
      {
        host: Type.String({ default: '127.0.0.1', description: 'address on which gateways connect' }),
        port: Port('MQTT over TLS for gateways; needs certificates, see "loadstone pki init"', 8883),
        plainPort: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 65_535,
            description: 'plain MQTT on 127.0.0.1, for gateways with a password or behind a TLS proxy; absent: none',
          }),
        ),
        rabbitmq: Type.Optional(RabbitConfig),
        names: Type.Array(Type.String({ pattern: '^[a-z0-9.:-]{1,253}$' }), {
          default: [],
          description:
            'host names and addresses at which gateways reach the cloud; localhost and the name of the machine are always included',
        }),
        hostId: Type.String({ default: 'loadstone-cloud', description: 'Sparkplug host id, in STATE messages' }),
        group: Type.Union([Id, Type.Literal('')], {
          default: '',
          description: 'Sparkplug group; empty: the id of the region',
        }),
        usersFile: Type.String({
          default: '',
          description:
            'file of hashed passwords, one gateway per line; it must exist, and changes take effect at once; empty: users.htpasswd in the data folder',
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
          description: 'seconds to wait for a missing message before asking the gateway for its births again',
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
          'where the ledger, users, acts, documents and models are stored; without postgres in SQLite files in the data folder',
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
          description: 'seconds of plant time between state estimates, but at least one second of machine time',
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
          description: 'seconds of plant time between forecasts',
        }),
        weatherFile: Type.String({
          default: '',
          description: 'recorded weather (JSON), used and marked as a hindcast; empty: forecasts without weather',
        }),
        workers: Type.Integer({ minimum: 1, maximum: 32, default: 1, description: 'threads that train models' }),
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
            'seconds of plant time between checks for a new plan; one is made if its inputs have changed, or after 30 min',
        }),
        everyFastS: Type.Integer({
          minimum: 60,
          maximum: 86_400,
          default: 900,
          description: 'the same, while plant time runs faster than real time',
        }),
        workers: Type.Integer({
          minimum: 1,
          maximum: 32,
          default: otherCores,
          description:
            'threads of the optimiser, each started when needed; default: one less than the cores of the machine',
        }),
        weights: DispatchWeights,
        co2File: Type.String({
          default: '',
          description:
            'file with the CO2 intensity of the grid (JSON, kg/MWh per interval); empty: always weights.co2KgPerMwh',
        }),
      },
      { default: {} },
    ),
    alarms: Type.Object(
      {
        rulesFile: Type.String({
          default: '',
          description:
            'file with alarm rules (YAML) that replace the shipped ones, code by code; empty: the shipped rules',
        }),
      },
      { default: {} },
    ),
    audit: Type.Object(
      {
        witnessFile: Type.String({
          default: '',
          description:
            'file to which the signed state of the audit list is appended, one line each time; keep it on another machine that only allows appending; empty: no witness',
        }),
        witnessEveryS: Type.Integer({
          minimum: 1,
          maximum: 86_400,
          default: 3600,
          description: 'seconds between entries for the witness, if the audit list has grown',
        }),
      },
      { default: {}, description: 'the audit list: who did what' },
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
          { default: {}, description: 'when models are retrained' },
        ),
        members: Type.Array(Type.Enum(['ridge', 'boosting', 'mlp', 'hours', 'dayBefore'] as const), {
          minItems: 1,
          default: ['ridge', 'boosting', 'mlp', 'hours', 'dayBefore'],
          description: 'models that may join the blend once there is enough history: 4, 8, 26, 26 and 4 weeks',
        }),
        executionProvider: Type.Union(
          EXECUTION_PROVIDERS.map((name) => Type.Literal(name)),
          {
            default: 'cpu',
            description:
              'hardware that runs models: cpu, or cuda, openvino or qnn, whose ONNX Runtime must be installed or the cloud does not start. Imported models are always judged on the cpu',
          },
        ),
        shadowHours: Type.Number({
          minimum: 0.25,
          maximum: 720,
          default: 24,
          description:
            'minimum hours that a new model runs in shadow beside the active one; it also needs at least a week of days to show that it is better',
        }),
        canaryHours: Type.Number({
          minimum: 0.25,
          maximum: 720,
          default: 24,
          description:
            'hours that a new model answers as a canary, at a share of the places, before it becomes active everywhere',
        }),
        watchHours: Type.Number({
          minimum: 0.25,
          maximum: 720,
          default: 72,
          description: 'hours that a new active model is watched; afterwards it is not rolled back automatically',
        }),
        canaryShare: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          default: 0.2,
          description: 'share of the places of a release that get a new model first; at least one place',
        }),
        federated: Type.Object(
          {
            enabled: Type.Boolean({
              default: false,
              description: 'runs rounds with the participating gateways at each retraining',
            }),
            rounds: Type.Integer({
              minimum: 1,
              maximum: 100,
              default: 10,
              description: 'rounds before the model is evaluated',
            }),
            roundHours: Type.Number({
              minimum: 0.1,
              maximum: 168,
              default: 2,
              description: 'hours of plant time after which a round continues without late gateways',
            }),
            quorum: Type.Number({
              exclusiveMinimum: 0,
              maximum: 1,
              default: 0.6,
              description: 'share of the participating gateways whose updates a round needs; at least three gateways',
            }),
            epochs: Type.Integer({
              minimum: 1,
              maximum: 50,
              default: 1,
              description: 'training passes at a gateway per round',
            }),
            clip: Type.Number({
              exclusiveMinimum: 0,
              maximum: 1000,
              default: 1,
              description: 'maximum L2 norm of an update',
            }),
            noiseMultiplier: Type.Number({
              minimum: 0,
              maximum: 100,
              default: 0,
              description:
                'standard deviation of the Gaussian noise on each weight, as a multiple of clip; with ten gateways, noise that protects privacy leaves nothing to learn: see npm run bench -- federated',
            }),
          },
          { default: {}, description: 'federated learning: gateways train on their loads, which never leave them' },
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
    refuse('/standby', 'LS-CONFIG-002', 'needs state.postgres, which the two clouds share');
  if (telemetry.kind !== 'influxdb')
    refuse('/telemetry/kind', 'LS-CONFIG-002', 'is sqlite, which exists only on this machine: standby needs influxdb');
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
