import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { UncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import type { UplinkProxy } from './proxy-tunnel.ts';
import type { PinnedKeys } from '../../shared/pki/key-list.ts';

/** What the journal and uplink of one gateway need to know: plain values, so that a worker thread can be told. */
export interface UplinkConfig {
  readonly gateway: string;
  /** Sparkplug group: the region. */
  readonly group: string;
  /** Primary host whose STATE decides when the gateway is born; '': none is waited for. */
  readonly hostId: string;
  /** mqtt://, mqtts:// or ws(s)://. */
  readonly url: string;
  /** https://, where its certificate is renewed; absent: at `url`. */
  readonly authority?: string;
  readonly proxy?: UplinkProxy;
  /** Folder of the certificate by which the gateway connects; absent: it has none. */
  readonly identity?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly keepAliveS: number;
  /** Full jitter between tries to connect: up to the first value, doubled at each failure up to the last. */
  readonly reconnectS?: readonly [number, number];
  readonly journal: {
    readonly path: string;
    readonly maxMb: number;
    readonly maxAgeMs: number;
    /** Group commit, ms of machine time. */
    readonly syncMs: number;
  };
  /** What is pinned at the gateway of those who may sign. */
  readonly trustedKeys: PinnedKeys;
  /** Name and version that the birth carries. */
  readonly software: string;
  /** What the gateway learns from in federated learning; absent: it takes part in none. */
  readonly federated?: {
    readonly load: UncontrolledLoad;
    /** IANA zone of the substation. */
    readonly zone: string;
    /** 15-min means from before the first start. */
    readonly seed?: LoadSeries | undefined;
    /** Devices whose frames go to the book alone: neither to the journal nor to the cloud. */
    readonly withheld?: readonly string[];
  };
  /** Grid of the housekeeping (folded events, journal state, range reports), ms of machine time. */
  readonly tickMs?: number;
}
