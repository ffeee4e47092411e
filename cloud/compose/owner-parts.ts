import type { Region } from '../../shared/contracts/region.ts';
import type { SigningKeys } from '../../shared/pki/key-list.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { Link } from '../../shared/ports/link.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { RuleBook } from '../alarms/alarm-rules.ts';
import type { AlarmStore } from '../alarms/alarm-store.ts';
import type { EventLog } from '../audit/event-log.ts';
import type { WorkPace } from '../compute/work-pace.ts';
import type { CloudConfig } from '../config.ts';
import type { Co2Series } from '../plan/problem/co2.ts';
import type { DeskStore } from '../desk/desk-store.ts';
import type { InterventionStore } from '../desk/intervention-store.ts';
import type { DocumentStore } from '../plan/send/document-store.ts';
import type { EstimateTasks } from '../estimate/tasks.ts';
import type { TrainProgress } from '../forecast/serve/training.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { ForecastStore } from '../forecast/serve/forecast-store.ts';
import type { ForecastTasks } from '../forecast/serve/forecast-tasks.ts';
import type { WeatherSource } from '../forecast/serve/inputs.ts';
import type { BirthStore } from '../ingest/birth-store.ts';
import type { Ledger } from '../ingest/ledger.ts';
import type { ModelRegistry } from '../forecast/registry/registry.ts';
import type { DispatchTasks } from '../plan/tasks.ts';
import type { AnnotationStore } from '../planner/inputs/annotation-store.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { UploadStore } from '../planner/inputs/upload-store.ts';
import type { Prune } from '../retention/pruner.ts';
import type { LastRuns } from '../schedule/last-runs.ts';
import type { ShiftStore } from '../shift/shift-store.ts';
import type { PacedWork } from '../simulation/parent-line.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { Tell } from '../tracing/span.ts';

/** What the cloud is made of: adapters behind their ports, opened and closed by the composition root. */
export interface OwnerParts {
  readonly config: Pick<CloudConfig, 'uplink' | 'estimate' | 'forecast' | 'dispatch' | 'models'>;
  readonly region: Region;
  readonly clock: Clock;
  /** Plant seconds per machine second, as asked for; absent: those of the clock. */
  readonly askedSpeed?: (() => number) | undefined;
  /** Into the broker of the uplinks. */
  readonly link: Link;
  readonly store: TelemetryStore;
  readonly ledger: Ledger;
  readonly births: BirthStore;
  readonly events: EventLog;
  readonly alarms: AlarmStore;
  readonly alarmRules: RuleBook;
  readonly forecasts: ForecastStore;
  readonly models: ModelRegistry;
  readonly documents: DocumentStore;
  readonly desk: DeskStore;
  readonly interventions: InterventionStore;
  readonly incidents: IncidentStore;
  readonly shift: ShiftStore;
  readonly keys: SigningKeys;
  readonly training: Compute<ForecastTasks>;
  readonly estimating: Compute<EstimateTasks>;
  readonly optimising: Compute<DispatchTasks>;
  /** Plans that can be worked on at once by now; absent: dispatch.workers. */
  readonly planWorkers?: (() => number) | undefined;
  readonly inference: Inference;
  /** Absent: forecasts without weather. */
  readonly weather?: WeatherSource | undefined;
  readonly annotations?: AnnotationStore | undefined;
  readonly uploads?: UploadStore | undefined;
  /** Absent: the intensity that the weights state, at all times. */
  readonly co2?: Co2Series | undefined;
  readonly lastRuns: LastRuns;
  /** What forgets, a little at once. */
  readonly prunes: readonly Prune[];
  /** Steps of a plan's horizon, s, by the speed of plant time; absent: as the dispatch has it. */
  readonly planStepsS?: (speed: number) => readonly number[];
  /** Where the steps of frames and plans are told; absent: nowhere. */
  readonly tellSpan?: Tell | undefined;
  /** Of a cloud beside a simulated plant. */
  onPace?(of: PacedWork, pace: WorkPace): void;
  /** Measurements are not stored, or are stored again (null). */
  onStore?(fault: Fault | null): void;
  onTrained?(progress: TrainProgress): void;
}
