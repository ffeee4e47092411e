import type { Region } from '../../../shared/contracts/region.ts';
import { NetLoad, type NetLoadOptions } from '../../estimate/net-load.ts';
import type { LoadSource } from '../../forecast/serve/inputs.ts';
import { TelemetryLoadSource, type TelemetryLoadOptions } from '../../forecast/serve/telemetry-load-source.ts';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { AnnotatedLoad, type Exclusions } from './annotated-load.ts';
import type { AnnotationStore } from './annotation-store.ts';
import { SummedLoad } from './summed-load.ts';
import type { UploadStore } from './upload-store.ts';

export interface LoadParts {
  readonly region: Region;
  readonly store: TelemetryStore;
  /** Absent: nothing is known but what meters measured. */
  readonly uploads?: UploadStore | undefined;
  /** Absent: no outage or switching is known of. */
  readonly annotations?: AnnotationStore | undefined;
  readonly findings: NetLoadOptions['findings'];
  readonly findingsOfGateway: TelemetryLoadOptions['findings'];
}

export interface Loads {
  /** As metered; where nothing was, as it came by file. */
  readonly netLoad: NetLoad;
  /** As metered alone. */
  readonly metered: NetLoad;
  /** Less what we command, as measured. */
  readonly measured: LoadSource;
  /** The same without annotated outages and switchings: what is learned from and forecast. */
  readonly learned: LoadSource & Partial<Exclusions>;
}

/** The loads of a region's targets, from telemetry and from what was uploaded. */
export function loadsOf({ region, store, uploads, annotations, ...of }: LoadParts): Loads {
  const measured = new SummedLoad(new TelemetryLoadSource({ region, store, uploads, findings: of.findingsOfGateway }));
  return {
    netLoad: new NetLoad({ region, store, uploads, findings: of.findings }),
    metered: new NetLoad({ region, store, findings: of.findings }),
    measured,
    learned: annotations === undefined ? measured : new AnnotatedLoad(measured, region, annotations),
  };
}
