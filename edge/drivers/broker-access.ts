/** Topics that a device may publish to, and filters that it may subscribe to, with the MQTT wildcards `+` and `#`. */
export interface DeviceTopics {
  readonly publish: ReadonlySet<string>;
  readonly subscribe: ReadonlySet<string>;
}

/** Access rights at the local broker. */
export interface BrokerAccess {
  readonly byUser: ReadonlyMap<string, DeviceTopics>;
  /** Topics of devices without a configured user; open to every authenticated client. */
  readonly anyone: DeviceTopics;
}
