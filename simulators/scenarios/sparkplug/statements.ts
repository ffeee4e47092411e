/**
 * The normative statements of Sparkplug B 3.0 that apply to an edge node or a host application (the cloud, and the gateway for nodes at its
 * own broker), by their ids in the specification (prefixed `tck-id-` there), with our status and the test that proves each. Statements
 * about MQTT servers, MQTT 5, templates and data sets do not apply: Loadstone has none of them.
 *
 * `met` is proved by the named test; for `not-offered`, `why` gives the reason.
 */
export interface Statements {
  /** The part of Loadstone: the gateway towards the cloud, the cloud towards gateways, or the gateway towards devices at its broker. */
  readonly role: 'edge' | 'host' | 'gateway';
  readonly status: 'met' | 'not-offered';
  /** Name of the test in `sparkplug-<role>.integration.test.ts`. */
  readonly test?: string;
  readonly why?: string;
  readonly ids: readonly string[];
}

const list = (text: string): string[] => text.trim().split(/\s+/);

export const statements: readonly Statements[] = [
  {
    role: 'edge',
    status: 'met',
    test: 'connects with a clean session and its death as the will',
    ids: list(`
      principles-persistence-clean-session-311
      message-flow-edge-node-birth-publish-will-message message-flow-edge-node-birth-publish-will-message-topic
      message-flow-edge-node-birth-publish-will-message-payload message-flow-edge-node-birth-publish-will-message-qos
      message-flow-edge-node-birth-publish-will-message-will-retained
      payloads-ndeath-will-message payloads-ndeath-will-message-qos payloads-ndeath-will-message-retain
      topics-ndeath-topic topics-ndeath-payload topics-ndeath-seq payloads-ndeath-seq
      message-flow-edge-node-ncmd-subscribe`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'sends births only once its own primary host is online',
    ids: list(`
      message-flow-edge-node-birth-publish-connect message-flow-edge-node-birth-publish-phid-wait
      message-flow-edge-node-birth-publish-phid-wait-id message-flow-edge-node-birth-publish-phid-wait-online
      operational-behavior-edge-node-birth-sequence-wait principles-birth-certificates-order`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'node birth',
    ids: list(`
      intro-group-id-string intro-group-id-chars intro-edge-node-id-string intro-edge-node-id-chars
      topic-structure topic-structure-namespace-a topic-structure-namespace-valid-group-id
      topic-structure-namespace-valid-edge-node-id topic-structure-namespace-device-id-non-associated-message-types
      topics-nbirth-topic topics-nbirth-mqtt topics-nbirth-seq-num topics-nbirth-timestamp topics-nbirth-metrics
      topics-nbirth-bdseq-included topics-nbirth-bdseq-matching topics-nbirth-rebirth-metric
      message-flow-edge-node-birth-publish-nbirth-topic message-flow-edge-node-birth-publish-nbirth-payload
      message-flow-edge-node-birth-publish-nbirth-qos message-flow-edge-node-birth-publish-nbirth-retained
      message-flow-edge-node-birth-publish-nbirth-payload-seq
      operational-behavior-data-commands-rebirth-name operational-behavior-data-commands-rebirth-name-aliases
      operational-behavior-data-commands-rebirth-datatype operational-behavior-data-commands-rebirth-value
      payloads-nbirth-timestamp payloads-nbirth-seq payloads-nbirth-bdseq payloads-nbirth-bdseq-repeat
      payloads-nbirth-rebirth-req payloads-nbirth-qos payloads-nbirth-retain payloads-ndeath-bdseq
      payloads-sequence-num-req-nbirth`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'device births',
    ids: list(`
      intro-device-id-string intro-device-id-chars topic-structure-namespace-valid-device-id
      topic-structure-namespace-unique-device-id topic-structure-namespace-device-id-associated-message-types
      topics-dbirth-topic topics-dbirth-mqtt topics-dbirth-seq topics-dbirth-timestamp topics-dbirth-metric-reqs
      topics-dbirth-metrics
      payloads-dbirth-timestamp payloads-dbirth-seq payloads-dbirth-seq-inc payloads-dbirth-order payloads-dbirth-qos
      payloads-dbirth-retain
      message-flow-device-birth-publish-nbirth-wait message-flow-device-birth-publish-dbirth-topic
      message-flow-device-birth-publish-dbirth-match-edge-node-topic message-flow-device-birth-publish-dbirth-payload
      message-flow-device-birth-publish-dbirth-qos message-flow-device-birth-publish-dbirth-retained
      message-flow-device-birth-publish-dbirth-payload-seq
      operational-behavior-data-publish-dbirth operational-behavior-data-publish-dbirth-values
      payloads-name-requirement payloads-alias-uniqueness payloads-alias-birth-requirement payloads-metric-datatype-req
      payloads-metric-datatype-value payloads-metric-datatype-value-type
      payloads-propertyset-quality-value-type payloads-propertyset-quality-value-value`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'device data',
    ids: list(`
      topics-ddata-topic topics-ddata-mqtt topics-ddata-seq-num topics-ddata-timestamp topics-ddata-payload
      payloads-ddata-timestamp payloads-ddata-seq payloads-ddata-seq-inc payloads-ddata-order payloads-ddata-qos
      payloads-ddata-retain payloads-alias-data-cmd-requirement payloads-metric-datatype-not-req
      payloads-name-birth-data-requirement payloads-sequence-num-always-included payloads-sequence-num-incrementing
      operational-behavior-data-publish-dbirth-order`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'device death, and birth on return',
    ids: list(`
      topics-ddeath-topic topics-ddeath-mqtt topics-ddeath-seq-num payloads-ddeath-timestamp payloads-ddeath-seq
      payloads-ddeath-seq-inc payloads-ddeath-seq-number operational-behavior-device-ddeath`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'rebirth on request',
    ids: list(`
      operational-behavior-data-commands-rebirth-action-1 operational-behavior-data-commands-rebirth-action-2
      operational-behavior-data-commands-rebirth-action-3`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'primary host goes offline and returns',
    ids: list(`
      message-flow-edge-node-birth-publish-phid-offline message-flow-edge-node-birth-publish-phid-wait-timestamp
      operational-behavior-edge-node-termination-host-offline operational-behavior-edge-node-termination-host-offline-reconnect
      operational-behavior-edge-node-termination-host-offline-timestamp topics-nbirth-bdseq-increment
      operational-behavior-primary-application-state-with-multiple-servers-single-server`),
  },
  {
    role: 'edge',
    status: 'met',
    test: 'says goodbye',
    ids: list(`
      operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher
      payloads-ndeath-will-message-publisher-disconnect-mqtt311`),
  },
  {
    role: 'edge',
    status: 'not-offered',
    why: 'the node has no changing metrics of its own: its state is sent as signed reports and events',
    ids: list(`
      topics-ndata-topic topics-ndata-mqtt topics-ndata-seq-num topics-ndata-timestamp topics-ndata-payload
      payloads-ndata-timestamp payloads-ndata-seq payloads-ndata-seq-inc payloads-ndata-order payloads-ndata-qos
      payloads-ndata-retain operational-behavior-data-publish-nbirth-change topics-nbirth-metric-reqs
      operational-behavior-data-publish-nbirth operational-behavior-data-publish-nbirth-values
      operational-behavior-data-publish-nbirth-order`),
  },
  {
    role: 'edge',
    status: 'not-offered',
    why: 'control of the broker must not give control of devices: commands are signed documents, never DCMD',
    ids: list('message-flow-device-dcmd-subscribe'),
  },
  {
    role: 'edge',
    status: 'not-offered',
    why: 'one broker per gateway',
    ids: list('operational-behavior-primary-application-state-with-multiple-servers-walk'),
  },
  {
    role: 'host',
    status: 'met',
    test: 'the host connects with its death as the will, subscribes, then announces itself online',
    ids: list(`
      conformance-primary-host intro-sparkplug-host-state components-ph-state
      message-flow-phid-sparkplug-clean-session-311 message-flow-phid-sparkplug-subscription
      message-flow-phid-sparkplug-state-publish message-flow-phid-sparkplug-state-publish-payload
      message-flow-phid-sparkplug-state-publish-payload-timestamp
      host-topic-phid-birth-message host-topic-phid-birth-qos host-topic-phid-birth-retain host-topic-phid-birth-topic
      host-topic-phid-birth-sub-required host-topic-phid-birth-required host-topic-phid-birth-payload
      host-topic-phid-birth-payload-timestamp
      host-topic-phid-death-qos host-topic-phid-death-retain host-topic-phid-death-topic host-topic-phid-death-required
      host-topic-phid-death-payload host-topic-phid-death-payload-timestamp-connect
      operational-behavior-host-application-connect-will operational-behavior-host-application-connect-will-topic
      operational-behavior-host-application-connect-will-payload operational-behavior-host-application-connect-will-qos
      operational-behavior-host-application-connect-will-retained operational-behavior-host-application-connect-birth
      operational-behavior-host-application-connect-birth-topic operational-behavior-host-application-connect-birth-payload
      operational-behavior-host-application-connect-birth-qos operational-behavior-host-application-connect-birth-retained
      payloads-state-will-message payloads-state-will-message-qos payloads-state-will-message-retain
      payloads-state-will-message-payload payloads-state-subscribe payloads-state-birth payloads-state-birth-payload`),
  },
  {
    role: 'host',
    status: 'met',
    test: 'the host corrects an offline STATE of its own',
    ids: list('message-flow-hid-sparkplug-state-message-delivered'),
  },
  {
    role: 'host',
    status: 'met',
    test: 'a foreign edge node joins as a gateway without offsets, and its data is stored',
    ids: list(`
      operational-behavior-data-commands-ncmd-verb operational-behavior-data-commands-ncmd-metric-name
      operational-behavior-data-commands-ncmd-metric-value
      operational-behavior-data-commands-ncmd-rebirth-verb operational-behavior-data-commands-ncmd-rebirth-name
      operational-behavior-data-commands-ncmd-rebirth-value topics-ncmd-topic topics-ncmd-mqtt topics-ncmd-timestamp
      topics-ncmd-payload payloads-ncmd-timestamp payloads-ncmd-seq payloads-ncmd-qos payloads-ncmd-retain
      payloads-name-cmd-requirement`),
  },
  {
    role: 'host',
    status: 'met',
    test: 'deaths take node and devices offline',
    ids: list(`
      operational-behavior-edge-node-termination-host-action-ndeath-node-offline
      operational-behavior-edge-node-termination-host-action-ndeath-devices-offline
      operational-behavior-edge-node-termination-host-action-ddeath-devices-offline
      operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale
      operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale
      operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale`),
  },
  {
    role: 'host',
    status: 'met',
    test: 'says goodbye',
    ids: list(`
      host-topic-phid-death-payload-timestamp-disconnect-clean operational-behavior-host-application-termination
      operational-behavior-host-application-death-topic operational-behavior-host-application-death-payload
      operational-behavior-host-application-death-qos operational-behavior-host-application-death-retained`),
  },
  {
    role: 'host',
    status: 'met',
    test: 'an overtaken message is awaited, a lost one requests a rebirth',
    ids: list(`
      operational-behavior-host-reordering-param operational-behavior-host-reordering-start
      operational-behavior-host-reordering-rebirth operational-behavior-host-reordering-success`),
  },
  {
    role: 'host',
    status: 'not-offered',
    why: 'devices are commanded by signed documents only',
    ids: list(`
      topics-dcmd-topic topics-dcmd-mqtt topics-dcmd-timestamp topics-dcmd-payload payloads-dcmd-timestamp payloads-dcmd-seq
      payloads-dcmd-qos payloads-dcmd-retain operational-behavior-data-commands-dcmd-verb
      operational-behavior-data-commands-dcmd-metric-name operational-behavior-data-commands-dcmd-metric-value`),
  },
  {
    role: 'host',
    status: 'not-offered',
    why: 'one broker per region',
    ids: list(`
      operational-behavior-primary-application-state-with-multiple-servers-state-subs
      operational-behavior-primary-application-state-with-multiple-servers-state
      operational-behavior-host-application-multi-server-timestamp`),
  },
  {
    role: 'gateway',
    status: 'met',
    test: 'the host connects with its death as the will, subscribes, then announces itself online',
    ids: list(`
      conformance-primary-host intro-sparkplug-host-state components-ph-state
      message-flow-phid-sparkplug-clean-session-311 message-flow-phid-sparkplug-subscription
      message-flow-phid-sparkplug-state-publish message-flow-phid-sparkplug-state-publish-payload
      message-flow-phid-sparkplug-state-publish-payload-timestamp
      host-topic-phid-birth-message host-topic-phid-birth-qos host-topic-phid-birth-retain host-topic-phid-birth-topic
      host-topic-phid-birth-sub-required host-topic-phid-birth-required host-topic-phid-birth-payload
      host-topic-phid-birth-payload-timestamp
      host-topic-phid-death-qos host-topic-phid-death-retain host-topic-phid-death-topic host-topic-phid-death-required
      host-topic-phid-death-payload host-topic-phid-death-payload-timestamp-connect
      operational-behavior-host-application-connect-will operational-behavior-host-application-connect-will-topic
      operational-behavior-host-application-connect-will-payload operational-behavior-host-application-connect-will-qos
      operational-behavior-host-application-connect-will-retained operational-behavior-host-application-connect-birth
      operational-behavior-host-application-connect-birth-topic operational-behavior-host-application-connect-birth-payload
      operational-behavior-host-application-connect-birth-qos operational-behavior-host-application-connect-birth-retained
      payloads-state-will-message payloads-state-will-message-qos payloads-state-will-message-retain
      payloads-state-will-message-payload payloads-state-subscribe payloads-state-birth payloads-state-birth-payload`),
  },
  {
    role: 'gateway',
    status: 'met',
    test: 'the host corrects an offline STATE of its own',
    ids: list('message-flow-hid-sparkplug-state-message-delivered'),
  },
  {
    role: 'gateway',
    status: 'met',
    test: 'the host requests births from a running node and reads it',
    ids: list(`
      operational-behavior-data-commands-ncmd-rebirth-verb operational-behavior-data-commands-ncmd-rebirth-name
      operational-behavior-data-commands-ncmd-rebirth-value topics-ncmd-topic topics-ncmd-mqtt topics-ncmd-timestamp
      topics-ncmd-payload payloads-ncmd-timestamp payloads-ncmd-seq payloads-ncmd-qos payloads-ncmd-retain`),
  },
  {
    role: 'gateway',
    status: 'met',
    test: 'setpoints are DCMD for a device and NCMD for a node, with the type of the birth',
    ids: list(`
      topics-dcmd-topic topics-dcmd-mqtt topics-dcmd-timestamp topics-dcmd-payload payloads-dcmd-timestamp payloads-dcmd-seq
      payloads-dcmd-qos payloads-dcmd-retain operational-behavior-data-commands-dcmd-verb
      operational-behavior-data-commands-dcmd-metric-name operational-behavior-data-commands-dcmd-metric-value
      operational-behavior-data-commands-ncmd-verb operational-behavior-data-commands-ncmd-metric-name
      operational-behavior-data-commands-ncmd-metric-value
      payloads-name-cmd-requirement payloads-alias-data-cmd-requirement`),
  },
  {
    role: 'gateway',
    status: 'met',
    test: 'deaths take node and devices offline',
    ids: list(`
      operational-behavior-edge-node-termination-host-action-ndeath-node-offline
      operational-behavior-edge-node-termination-host-action-ndeath-devices-offline
      operational-behavior-edge-node-termination-host-action-ddeath-devices-offline
      operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale
      operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale
      operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale`),
  },
  {
    role: 'gateway',
    status: 'met',
    test: 'says goodbye',
    ids: list(`
      host-topic-phid-death-payload-timestamp-disconnect-clean operational-behavior-host-application-termination
      operational-behavior-host-application-death-topic operational-behavior-host-application-death-payload
      operational-behavior-host-application-death-qos operational-behavior-host-application-death-retained`),
  },
  {
    role: 'gateway',
    status: 'not-offered',
    why: 'a node has one connection to the broker of the gateway, so messages stay in order: a gap is a loss and requests a rebirth',
    ids: list(`
      operational-behavior-host-reordering-param operational-behavior-host-reordering-start
      operational-behavior-host-reordering-rebirth operational-behavior-host-reordering-success`),
  },
  {
    role: 'gateway',
    status: 'not-offered',
    why: 'one broker per gateway',
    ids: list(`
      operational-behavior-primary-application-state-with-multiple-servers-state-subs
      operational-behavior-primary-application-state-with-multiple-servers-state
      operational-behavior-host-application-multi-server-timestamp`),
  },
];
