import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';

/** A scheduled job failed and will be retried. */
export const failure = (time: number, job: string, error: unknown): LoadstoneEvent => ({
  time,
  kind: 'event',
  severity: 'medium',
  code: 'cloud.job-failed',
  text: formatMessage('cloud.job-failed', 'The job "{job}" failed and is tried again: {error}', {
    job,
    error: messageOf(error),
  }).slice(0, 500),
});

/** The file of gateways and passwords cannot be read any more, or can again. */
export const usersFileAlarm = (fault: Fault | null, time: number): LoadstoneEvent => ({
  time: Math.round(time),
  kind: 'alarm',
  severity: 'high',
  code: 'LS-INGEST-020',
  text: fault === null ? 'The file of gateways can be read again.' : fitText(fault.detail, EVENT_TEXT),
  active: fault !== null,
});

/** An external broker does not answer (the reason), or does again (null). */
export const brokerAlarm = (why: string | null, time: number): LoadstoneEvent => ({
  time: Math.round(time),
  kind: 'alarm',
  severity: 'high',
  code: 'LS-BROKER-004',
  text: why === null ? 'RabbitMQ answers again.' : fitText(why, EVENT_TEXT),
  active: why !== null,
});

/** Only job nodes make plans and none is connected, or one is again. */
export const nodesAlarm = (isAlone: boolean, time: number): LoadstoneEvent => ({
  time: Math.round(time),
  kind: 'alarm',
  severity: 'high',
  code: 'LS-NODE-004',
  text: isAlone
    ? formatMessage('LS-NODE-004', 'No job node is connected: plans in force go on, and no new one is made.')
    : formatMessage('LS-NODE-004', 'Job nodes make plans again.'),
  active: isAlone,
});

/** Work was given up and waits for a decision, or none does any more. */
export const givenUpAlarm = (isAny: boolean, time: number): LoadstoneEvent => ({
  time: Math.round(time),
  kind: 'alarm',
  severity: 'medium',
  code: 'LS-NODE-005',
  text: isAny
    ? formatMessage('LS-NODE-005', 'Work was given up: the page System lists it, to be tried again or discarded.')
    : formatMessage('LS-NODE-005', 'Nothing that was given up is left.'),
  active: isAny,
});

/** A task was given up, because its job nodes died or lost the broker too often. */
export const deadTask = (task: string, time: number): LoadstoneEvent => ({
  time: Math.round(time),
  kind: 'event',
  severity: 'high',
  code: 'LS-NODE-002',
  text: formatMessage(
    'LS-NODE-002',
    'The task {task} was given up: it was returned four times, as its job nodes died or lost the broker.',
    { task },
  ),
});
