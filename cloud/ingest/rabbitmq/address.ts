/** Where a RabbitMQ is, and as whom the cloud comes. */
export interface BrokerAddress {
  /** amqp:// or amqps://, host and port. */
  readonly amqpUrl: string;
  /** mqtt:// or mqtts://, host and port. */
  readonly mqttUrl: string;
  /** http:// or https://, host and port of its management. */
  readonly managementUrl: string;
  readonly vhost: string;
  readonly user: string;
  readonly password: string;
  /** Of the authority by which the broker is known, PEM; absent: those of Node. */
  readonly roots?: string | undefined;
}
