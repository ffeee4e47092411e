import type { DefenceMutation } from './mutations.ts';

/** Lines of the shipped configuration and their replacements. */
const CONFIGURATION = [
  ['mqtt.ssl_cert_client_id_from = subject_alternative_name', ''],
  ['ssl_options.versions.1 = tlsv1.3', 'ssl_options.versions.1 = tlsv1.3\nssl_options.versions.2 = tlsv1.2'],
] as const;

/** RabbitMQ's own defences. No line of its configuration would admit a certificate of another authority. */
export const rabbitMqMutations: readonly DefenceMutation[] = [
  {
    without: 'lines of the configuration',
    opens: ['forged-identity/client-id', 'certificates/tls-1.2'],
    edits: [
      {
        file: 'simulators/testing/rabbitmq.ts',
        find: "readFileSync(SHIPPED, 'utf8')",
        replace: `${JSON.stringify(CONFIGURATION)}.reduce((text, line) => text.replace(...line), readFileSync(SHIPPED, 'utf8'))`,
      },
    ],
  },
  {
    without: 'a gateway publishes only on its own topics',
    opens: ['forged-identity/data', 'forged-identity/will'],
    edits: [
      {
        file: 'cloud/ingest/rabbitmq/permissions.ts',
        find: 'write: one([...[...publish, ...node].map(key), ',
        replace: "write: one(['.*', ",
      },
    ],
  },
  {
    without: 'a gateway subscribes only to its own topics',
    opens: ['mqtt-floods/everything'],
    edits: [
      {
        file: 'cloud/ingest/rabbitmq/permissions.ts',
        find: 'read: one([...filters.map(key), ',
        replace: "read: one(['.*', ",
      },
    ],
  },
  {
    without: 'the user of a revoked gateway is removed',
    opens: ['certificates/revoked'],
    edits: [
      {
        file: 'cloud/ingest/rabbitmq/registrar.ts',
        find: 'await this.#management.delete(`users/${gateway}`);',
        replace: '',
      },
    ],
  },
  {
    without: 'the user of a gateway has no password',
    opens: ['forged-identity/user-name'],
    edits: [{ file: 'cloud/ingest/rabbitmq/registrar.ts', find: "password_hash: ''", replace: "password: 'any'" }],
  },
];
