import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { UncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import type { UplinkProxy } from './proxy-tunnel.ts';
import type { PinnedKeys } from '../../shared/pki/key-list.ts';

/** Configuration of one gateway's journal and uplink: plain values that can be passed to a worker thread. */
export interface UplinkConfig {
  readonly gateway: string;
  /** Sparkplug group: the region. */
  readonly group: string;
  /** Primary host whose STATE decides when births are sent; '': do not wait for a host. */
  readonly hostId: string;
  /** mqtt://, mqtts:// or ws(s)://. */
  readonly url: string;
  /** https:// address that renews the certificate; absent: `url`. */
  readonly authority?: string;
  readonly proxy?: UplinkProxy;
  /** Folder of the gateway's client certificate; absent: it has none. */
  readonly identity?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly keepAliveS: number;
  /** Back-off between connection attempts with full jitter, s: up to the first value, doubled at each failure up to the last. */
  readonly reconnectS?: readonly [number, number];
  readonly journal: {
    readonly path: string;
    readonly maxMb: number;
    readonly maxAgeMs: number;
    /** Group commit, ms of machine time. */
    readonly syncMs: number;
  };
  /** The signing keys pinned at the gateway. */
  readonly trustedKeys: PinnedKeys;
  /** Name and version in the birth. */
  readonly software: string;
  /** Training data for federated learning; absent: the gateway does not take part. */
  readonly federated?: {
    readonly load: UncontrolledLoad;
    /** IANA zone of the substation. */
    readonly zone: string;
    /** 15-min means from before the first start. */
    readonly seed?: LoadSeries | undefined;
    /** Devices whose frames go to the load book only, not to the journal or the cloud. */
    readonly withheld?: readonly string[];
  };
  /** Interval of the housekeeping (folded events, journal state, range reports), ms of machine time. */
  readonly tickMs?: number;
}
