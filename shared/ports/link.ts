/** The Link port: one MQTT connection as its client sees it. Adapters: mqtt.js, an in-process aedes, RabbitMQ, the simulated network. */
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
  /** Called at each connection made, after the subscriptions stand. */
  onConnect(): void | Promise<void>;
  /** Called when the connection is lost, and after each try that failed. */
  onClose(reason: string): void | Promise<void>;
  /** Messages are handed over one by one, in order; the next waits until this one's promise has settled. */
  onMessage(message: LinkMessage): void | Promise<void>;
}

export interface LinkOptions {
  readonly clientId: string;
  /** MQTT topic filters, subscribed at every connect at QoS 1. */
  readonly subscriptions: readonly string[];
  /** Asked for at each connection attempt, because a Sparkplug will carries a new bdSeq each time. */
  readonly will?: () => LinkWill;
  /**
   * Whether all that was handled before the call is kept now. A link whose broker holds messages until they are acknowledged asks before
   * it acknowledges; others never ask. Where the answer is false or fails, it asks again a little later.
   */
  readonly kept?: () => Promise<boolean>;
}

export interface Link {
  /** Starts to connect and keeps reconnecting (full jitter, 1 to 120 s) until closed. */
  open(options: LinkOptions, handlers: LinkHandlers): void;
  readonly connected: boolean;
  /** Resolves true when sent (QoS 1: when the broker has taken it), false when the link is down or a time-out passed. Never rejects. */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean>;
  /** What its sockets have carried so far, both ways, TLS included; absent where it has no sockets of its own. */
  bytes?(): number;
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly qos: 0 | 1;
  /** Who subscribes later hears the newest of its topic too, at RabbitMQ within 15 s. */
  readonly retain?: boolean;
}
