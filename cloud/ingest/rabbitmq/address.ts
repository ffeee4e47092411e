/** The address of a RabbitMQ, and the cloud's credentials. */
export interface BrokerAddress {
  /** amqp:// or amqps://, host and port. */
  readonly amqpUrl: string;
  /** mqtt:// or mqtts://, host and port. */
  readonly mqttUrl: string;
  /** http:// or https://, host and port of the management API. */
  readonly managementUrl: string;
  readonly vhost: string;
  readonly user: string;
  readonly password: string;
  /** CA certificates for the broker, PEM; absent: Node's default. */
  readonly roots?: string | undefined;
}
