/** The Link port: one MQTT connection, from the client's side. Adapters: mqtt.js, an in-process aedes, RabbitMQ, the simulated network. */
export interface LinkMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

export interface LinkWill {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface LinkHandlers {
  /** Called after each connect, once the subscriptions are in place. */
  onConnect(): void | Promise<void>;
  /** Called when the connection is lost, and after each failed attempt. */
  onClose(reason: string): void | Promise<void>;
  /** Messages arrive one at a time, in order. The next one waits until the promise for this one has settled. */
  onMessage(message: LinkMessage): void | Promise<void>;
}

export interface LinkOptions {
  readonly clientId: string;
  /** MQTT topic filters, subscribed at QoS 1 on every connect. */
  readonly subscriptions: readonly string[];
  /** Called on each connection attempt, because each Sparkplug will has a new bdSeq. */
  readonly will?: () => LinkWill;
  /**
   * Whether everything handled before the call is persisted now. A link whose broker holds messages until they are acknowledged calls this
   * before acknowledging; other links never do. If the result is false or the call fails, the link retries a little later.
   */
  readonly isPersisted?: () => Promise<boolean>;
}

export interface Link {
  /** Connects, and reconnects (full jitter, 1 to 120 s) until closed. */
  open(options: LinkOptions, handlers: LinkHandlers): void;
  readonly connected: boolean;
  /** Resolves true when sent (QoS 1: when the broker has acknowledged it), false when the link is down or on a time-out. Never rejects. */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean>;
  /** Bytes that its sockets have carried so far, both ways, including TLS. Absent if it has no sockets of its own. */
  bytes?(): number;
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly qos: 0 | 1;
  /** Later subscribers get the newest message of the topic too, at RabbitMQ within 15 s. */
  readonly retain?: boolean;
}
