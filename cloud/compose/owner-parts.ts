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

/** The parts of the cloud: adapters behind their ports, opened and closed by the composition root. */
export interface OwnerParts {
  readonly config: Pick<CloudConfig, 'uplink' | 'estimate' | 'forecast' | 'dispatch' | 'models'>;
  readonly region: Region;
  readonly clock: Clock;
  /** Requested plant seconds per machine second; absent: the clock's. */
  readonly askedSpeed?: (() => number) | undefined;
  /** The link into the uplink broker. */
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
  /** Current number of plans that can be computed in parallel; absent: dispatch.workers. */
  readonly planWorkers?: (() => number) | undefined;
  readonly inference: Inference;
  /** Absent: forecasts without weather. */
  readonly weather?: WeatherSource | undefined;
  readonly annotations?: AnnotationStore | undefined;
  readonly uploads?: UploadStore | undefined;
  /** Absent: the constant intensity of the weights. */
  readonly co2?: Co2Series | undefined;
  readonly lastRuns: LastRuns;
  /** Deletes old data, a little at a time. */
  readonly prunes: readonly Prune[];
  /** Steps of a plan's horizon, s, by the speed of plant time; absent: the dispatch's default. */
  readonly planStepsS?: (speed: number) => readonly number[];
  /** Receives the spans of frames and plans; absent: no tracing. */
  readonly tellSpan?: Tell | undefined;
  /** Only with a simulated plant. */
  onPace?(of: PacedWork, pace: WorkPace): void;
  /** Measurements cannot be stored (the fault), or can again (null). */
  onStore?(fault: Fault | null): void;
  onTrained?(progress: TrainProgress): void;
  /** Every job node ended with a substation's plan (the fault), or a solver answered (null). */
  onGivenUp?(substation: string, why: Fault | null): void;
}
