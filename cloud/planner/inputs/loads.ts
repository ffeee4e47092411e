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
  /** Absent: only metered values. */
  readonly uploads?: UploadStore | undefined;
  /** Absent: no known outages or switchings. */
  readonly annotations?: AnnotationStore | undefined;
  readonly findings: NetLoadOptions['findings'];
  readonly findingsOfGateway: TelemetryLoadOptions['findings'];
}

export interface Loads {
  /** As metered; uploads fill the gaps. */
  readonly netLoad: NetLoad;
  /** As metered, without uploads. */
  readonly metered: NetLoad;
  /** Measured load without commanded devices. */
  readonly measured: LoadSource;
  /** The same without annotated outages and switchings: the basis of training and forecasts. */
  readonly learned: LoadSource & Partial<Exclusions>;
}

/** The loads of a region's targets, from telemetry and uploads. */
export function loadsOf({ region, store, uploads, annotations, ...of }: LoadParts): Loads {
  const measured = new SummedLoad(new TelemetryLoadSource({ region, store, uploads, findings: of.findingsOfGateway }));
  return {
    netLoad: new NetLoad({ region, store, uploads, findings: of.findings }),
    metered: new NetLoad({ region, store, findings: of.findings }),
    measured,
    learned: annotations === undefined ? measured : new AnnotatedLoad(measured, region, annotations),
  };
}
