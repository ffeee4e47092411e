/** Topics on which a device may publish, and filters that it may subscribe to; `+` and `#` as MQTT has them. */
export interface DeviceTopics {
  readonly publish: ReadonlySet<string>;
  readonly subscribe: ReadonlySet<string>;
}

/** Who may do what at the local broker. */
export interface BrokerAccess {
  readonly byUser: ReadonlyMap<string, DeviceTopics>;
  /** Of devices that name no user: open to all that have a password. */
  readonly anyone: DeviceTopics;
}
