/**
 * The catalogue of coded errors: LS-<AREA>-<NNN>. A code is never reused. `status` is the HTTP status of an API answer. `remedy` says what
 * to do next.
 */
export interface CatalogueEntry {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
}

const entry = (status: number, title: string, remedy: string): CatalogueEntry => ({ status, title, remedy });

export const catalogue = {
  'LS-ATTACK-001': entry(
    422,
    'Target may not be attacked',
    'Attack a cloud on this machine, or start an unused one with attack.allow: true. "loadstone attack --self" needs no target.',
  ),
  'LS-CONFIG-001': entry(
    422,
    'Unknown configuration key',
    'Use the nearest known key that the message names, or remove it.',
  ),
  'LS-CONFIG-002': entry(
    422,
    'Configuration value is not valid',
    'Give the key a value of the type and range that the message names.',
  ),
  'LS-CONFIG-003': entry(
    422,
    'Configuration file not readable',
    'Check the path and its rights; YAML errors name the line.',
  ),
  'LS-CONFIG-004': entry(
    422,
    'A limit must be a magnitude',
    'Limits carry their direction in their name: give a positive number.',
  ),
  'LS-CONFIG-005': entry(
    422,
    'Execution provider is not installed',
    'Install the ONNX Runtime that has it for this machine, or set executionProvider to cpu.',
  ),
  'LS-CONFIG-006': entry(
    422,
    'Unknown word on the command line',
    'Remove the word or correct its spelling: "--help" after the command shows what it accepts.',
  ),
  'LS-GRID-001': entry(
    422,
    'Network is not radial',
    'Open a branch so that each island is a tree with one source: plans and estimates need that. Only loadstone powerflow solves meshed networks.',
  ),
  'LS-GRID-002': entry(
    422,
    'Power flow did not converge',
    'Check loads and impedances near the bus that the message names.',
  ),
  'LS-GRID-003': entry(
    422,
    'Network description is not valid',
    'Correct the element and field that the message names.',
  ),
  'LS-GRID-004': entry(
    422,
    'Network file has an unsupported element',
    'Remove the element that the message names or use another format.',
  ),
  'LS-DOC-001': entry(401, 'Signature does not verify', 'Sign the document with a key that the gateway has pinned.'),
  'LS-DOC-002': entry(
    409,
    'Sequence is not above the last one accepted',
    'Send a document with a newer (epoch, sequence).',
  ),
  'LS-DOC-003': entry(422, 'Document has expired', 'Send a fresh document; check both clocks.'),
  'LS-DOC-004': entry(422, 'Document is for another gateway', 'Address the document to this gateway.'),
  'LS-DOC-005': entry(
    422,
    'Document does not match its schema, or is too long',
    'See the field or the length in the detail.',
  ),
  'LS-DOC-006': entry(422, 'Document holds a number that is not finite', 'Send finite numbers only.'),
  'LS-DOC-007': entry(503, 'Document could not be persisted', 'Check the disk of the gateway; control goes on.'),
  'LS-DOC-008': entry(422, 'Document is not valid yet', 'Check both clocks.'),
  'LS-DOC-009': entry(422, 'Document version is not known', 'Update the gateway, or send the version before.'),
  'LS-DOC-010': entry(
    409,
    'Command was lost in a restart of the gateway',
    'It will not act. Look at the device, then send it again.',
  ),
  'LS-DOC-011': entry(
    422,
    'Gateway reports a document number that this cloud never issued',
    'Check who writes on the gateway\'s topics. If it really holds newer documents, stop it and run "loadstone edge trust reset" there.',
  ),
  'LS-DOC-012': entry(
    422,
    'Epoch is too far above the last one accepted',
    'Check who signs. If the cloud has really restored so often, stop the gateway and run "loadstone edge trust reset" there.',
  ),
  'LS-DOC-013': entry(
    409,
    'List of keys is not newer than the one held',
    'Send the newest list; "loadstone keys list" shows its generation.',
  ),
  'LS-INGEST-001': entry(422, 'Payload cannot be decoded', 'Inspect the payload in quarantine.'),
  'LS-INGEST-002': entry(
    422,
    'Value is not a number that can be measured',
    'Correct the driver that reports it; the frame is in quarantine.',
  ),
  'LS-INGEST-003': entry(422, 'Time is too far from now', "Check the clock of the source, and the cloud's own."),
  'LS-INGEST-004': entry(422, 'Topic is not in the topic table', 'Publish on a topic that the topic table names.'),
  'LS-INGEST-005': entry(422, 'Alias is not known', 'A rebirth has been requested; nothing else is needed.'),
  'LS-INGEST-006': entry(403, 'Client may not use this topic', 'A gateway uses only topics that carry its own id.'),
  'LS-INGEST-007': entry(422, 'Report does not match its schema', 'See the pointer in the detail.'),
  'LS-BUDGET-001': entry(
    429,
    'Gateway sends more than its budget',
    'The excess is not acknowledged and is sent again. Check what the gateway sends, and block it if it is not yours.',
  ),
  'LS-BUDGET-002': entry(
    429,
    'Gateway opens more runs than its budget',
    'Their frames stay at the gateway until the budget has room. Check why its daemon restarts so often.',
  ),
  'LS-BUDGET-003': entry(
    429,
    'Gateway leaves more gaps than its budget',
    'Frames that close a gap are stored, those that open one wait. Check its uplink.',
  ),
  'LS-BUDGET-004': entry(
    429,
    'Gateway names more devices or metrics than its budget',
    'Frames with excess names stay at the gateway. Check the names in its births.',
  ),
  'LS-INGEST-020': entry(
    503,
    'File of gateways cannot be read',
    'Correct the line that the message names, or restore the file. Until then the last good one is in force.',
  ),
  'LS-STORE-001': entry(
    503,
    'Store does not answer',
    'Start the store that the detail names, or free its disk. Gateways keep their data until it is back.',
  ),
  'LS-STORE-002': entry(
    422,
    'Telemetry store refuses a point',
    'Correct the source that the detail names; the frame is acknowledged as refused.',
  ),
  'LS-JOURNAL-001': entry(
    500,
    'Journal file is damaged or not readable',
    'The file is in quarantine; what was only in it is reported as lost. Check the disk.',
  ),
  'LS-JOURNAL-002': entry(507, 'Journal cannot write', 'Free disk space; control goes on without it.'),
  'LS-JOURNAL-003': entry(
    507,
    'Journal budget is spent',
    'Oldest measurements were dropped and are reported; restore the uplink.',
  ),
  'LS-FORECAST-001': entry(
    422,
    'Not enough history to train',
    'Wait until four weeks of good measurements are stored.',
  ),
  'LS-FORECAST-002': entry(
    404,
    'No forecast has been issued',
    'Forecasts are issued every 15 min; ask again. If none comes, the target lacks measurements.',
  ),
  'LS-FORECAST-003': entry(
    422,
    'Model is late, not finite or out of range',
    'The baseline answers until the model recovers.',
  ),
  'LS-FORECAST-004': entry(422, 'Input meter is not usable', 'The forecast uses the estimate. Repair the meter.'),
  'LS-FORECAST-005': entry(
    422,
    'Model is worse than its baseline',
    'The baseline answers; a new model is being trained.',
  ),
  'LS-FORECAST-006': entry(
    422,
    'Weather that the model needs is missing',
    'The linear member, which needs none, answers; send the weather with POST /v1/weather.',
  ),
  'LS-FORECAST-007': entry(
    422,
    'Series is not valid for the backtest',
    'Give hourly means of the length that the message names; fill or leave out what it points at.',
  ),
  'LS-FORECAST-008': entry(
    422,
    'Joint errors of the members are unknown',
    'Try again when each member has three weeks of load, or ask for the members.',
  ),
  'LS-FORECAST-009': entry(
    422,
    'Forecast cannot be explained',
    'Only forecasts of registry models are explained: ask for one that is neither a fallback nor a sum.',
  ),
  'LS-FORECAST-010': entry(
    422,
    'Device behaviour is not known',
    'Ask for the uncontrolled load, for a time at which a plan was in force, or for the last two weeks.',
  ),
  'LS-FORECAST-011': entry(
    422,
    'Rest has no measurements of its own',
    'Ask for at most 48 h from now, or for the week ahead of its substation and metered feeders. GET /v1/forecasts lists earlier forecasts.',
  ),
  'LS-MODEL-001': entry(
    422,
    'Model bundle is refused',
    'See the detail: the bytes do not match the manifest, or do not load.',
  ),
  'LS-MODEL-002': entry(404, 'Model is not in the registry', 'List the models with GET /v1/models.'),
  'LS-MODEL-003': entry(
    409,
    'Model cannot take this step',
    'See its state and transitions with GET /v1/models/{id}; rejected models stay rejected.',
  ),
  'LS-MODEL-004': entry(
    422,
    'Model does not match the feature schema or the contract context',
    'See shared/forecast/FEATURES.md and CONTEXT.md for the columns, steps and quantiles of its place.',
  ),
  'LS-MODEL-005': entry(
    422,
    'Model is not an ONNX file of allowed operators',
    'Export it with the operators that cloud/forecast/registry/import/IMPORT.md lists, without sub-graphs, sparse tensors or external data.',
  ),
  'LS-MODEL-006': entry(
    422,
    'Model has the wrong input or output shape',
    'One float32 input [batch, features], or context [batch, length] and covariates [batch, length + steps, count]; one float32 output [batch, steps x quantiles], step by step.',
  ),
  'LS-MODEL-007': entry(
    422,
    'Model gives a value that is not finite or out of its range',
    'Guard divisions and logarithms; check units (kW) and the range in its manifest.',
  ),
  'LS-MODEL-008': entry(
    422,
    'Model fails its parity vectors',
    'Send at least one row with the answer the model gave in training; they must agree within 1e-4.',
  ),
  'LS-MODEL-009': entry(
    422,
    'Model is too large or too slow for its place',
    'Use fewer trees or smaller layers; the detail gives the limits of size, memory and time.',
  ),
  'LS-MODEL-010': entry(
    422,
    'Model is no better than the incumbent',
    'Compare it on the last 28 days with POST /v1/backtests; train it on more history and send it again.',
  ),
  'LS-MODEL-011': entry(422, 'Model has expired', 'The fallback answers. Train a new model, or send one.'),
  'LS-MODEL-012': entry(
    422,
    'Inputs of a model have drifted',
    'It is being retrained. Check whether the load or a meter has changed for good.',
  ),
  'LS-MODEL-013': entry(
    422,
    'Errors of a model have grown',
    'It is being retrained. Compare it with its baselines on the scorecard.',
  ),
  'LS-MODEL-014': entry(
    422,
    'Model expires soon',
    'It is being retrained. See with GET /v1/models why its candidates were held, or send one.',
  ),
  'LS-MODEL-015': entry(
    422,
    'Bands of a model are too narrow or too wide',
    'From 60 to 95 % of targets should lie between P10 and P90; train it on more history, or calibrate its quantiles on days it has not seen.',
  ),
  'LS-FED-001': entry(
    422,
    'Update has the wrong shape',
    'Run the same release at gateway and cloud: the network of a round is named in its task.',
  ),
  'LS-FED-002': entry(422, 'Update is not finite', 'Check the load of the gateway for impossible values.'),
  'LS-FED-003': entry(
    422,
    'Update is longer than its task allows',
    'An honest gateway clips its update. Check what runs there, and whether its key is still its own.',
  ),
  'LS-FED-004': entry(
    409,
    'Gateway does not take part in federated learning',
    'Set federated.enabled in its configuration, where its owner wants that.',
  ),
  'LS-FED-005': entry(422, 'Gateway has too little history to learn', 'It takes part once it has four weeks.'),
  'LS-FED-006': entry(
    409,
    'Update does not belong to the round',
    'A round accepts one update per gateway, for its task and base. Check who sends others.',
  ),
  'LS-FED-007': entry(
    409,
    'Round lacks its quorum',
    'The network is unchanged. Check why gateways did not answer by the deadline.',
  ),
  'LS-FED-008': entry(
    503,
    'Training at the gateway failed',
    'See the detail; control goes on, the next round asks again.',
  ),
  'LS-FED-009': entry(
    409,
    'Federated learning is off',
    'Set models.federated.enabled in the configuration of the cloud.',
  ),
  'LS-OPT-001': entry(
    422,
    'Found no plan that keeps all limits',
    'The best plan found is dispatched and passes the named limit; free capacity there, or look for devices that can do more.',
  ),
  'LS-OPT-002': entry(
    500,
    'No plan can be made',
    'Default envelopes apply. See the detail, and the log of the optimiser.',
  ),
  'LS-OPT-004': entry(
    422,
    'Inputs are too poor to check a limit',
    'Default envelopes apply. Look at the readings of the substation and at the description of its network.',
  ),
  'LS-OPT-005': entry(
    422,
    'Dispatch problem is not valid',
    'Correct the field that the message names; simulators/data/grids/mpacopf_case33bw_T24.problem.json shows the form.',
  ),
  'LS-OPT-006': entry(
    500,
    'Solver aborted',
    'The best plan found until then is dispatched. The next plan gets a new solver; with less memory in use it can finish.',
  ),
  'LS-CONTROL-001': entry(
    409,
    'Plan assumption failed',
    'The gateway uses default envelopes and has requested a new plan.',
  ),
  'LS-CONTROL-002': entry(409, 'Setpoint was clamped', 'See which limit won in the detail.'),
  'LS-CONTROL-003': entry(
    503,
    'Device does not answer',
    'Check the device and its network; the guard assumes its worst case.',
  ),
  'LS-CONTROL-004': entry(409, 'Limits leave no room', 'The earlier limit wins; the detail names the loser.'),
  'LS-CONTROL-005': entry(
    409,
    'Readback does not match the setpoint',
    'Check the device; it does not follow its setpoint.',
  ),
  'LS-CONTROL-006': entry(
    409,
    'Cloud heartbeat is lost',
    'The fail-safe limit holds until the heartbeat and a fresh limit are back.',
  ),
  'LS-CONTROL-007': entry(409, 'Device is tagged or stopped', 'Remove the tag, or lift the stop.'),
  'LS-CONTROL-008': entry(
    422,
    'Element has no emergency limits',
    'Set guarded.emergency in the configuration of the gateway. No limit can be raised beyond it remotely.',
  ),
  'LS-CONTROL-009': entry(
    409,
    'Device is selected by somebody else',
    'Wait until it is confirmed or lapses, at most 30 s, or ask who has selected it.',
  ),
  'LS-CONTROL-010': entry(
    409,
    'Selection is not held at the gateway',
    'Select again: a gateway holds a selection once, for 30 s, for its user, device, value and duration, and not over a restart.',
  ),
  'LS-CONTROL-011': entry(
    409,
    'Relief does not work as it should',
    'Check the sign, the feeder and the wiring of the device, and the sign of the meter. The guard tries again after an hour.',
  ),
  'LS-METER-001': entry(
    409,
    'Meter is dead',
    'It reads nothing while its feeders carry load; the estimate stands in. Replace the meter.',
  ),
  'LS-METER-002': entry(
    409,
    'Meter counts with the wrong sign',
    'Turn its current transformers or its sign in the configuration.',
  ),
  'LS-METER-003': entry(409, 'Measurement is stale', 'Check the device and its network.'),
  'LS-METER-004': entry(
    409,
    'Meter reads an impossible value',
    'Check its wiring, ratio and scale; the estimate stands in.',
  ),
  'LS-METER-006': entry(
    409,
    'No meter of the substation answers',
    'Check the network and the power supply of the site: all meters failed together.',
  ),
  'LS-METER-007': entry(
    409,
    'Voltage measurement is blind',
    'Replace the fuse of its voltage transformer; lower the limit of the element meanwhile.',
  ),
  'LS-DEVICE-001': entry(
    503,
    'Field device is unreachable',
    'Check power, cable, address and unit; it is polled again automatically.',
  ),
  'LS-DEVICE-002': entry(
    422,
    'Field device refuses a request',
    'Check register, function and access rights against the manual of the device.',
  ),
  'LS-DEVICE-003': entry(
    502,
    'Field device gives an invalid answer',
    'Check the framing (TCP or RTU), and whether another master speaks on the line.',
  ),
  'LS-DEVICE-005': entry(
    409,
    'Inverter does not keep its grid code',
    'Compare the settings that the message names at the device; the maker may have locked them.',
  ),
  'LS-DEVICE-004': entry(
    422,
    'Field device does not offer this',
    'Remove the key that the message names, or use a device that has it.',
  ),
  'LS-DEVICE-006': entry(
    502,
    'Sparkplug node sends an invalid message',
    'Compare its messages with Sparkplug B 3.0 (payload, sequence, types, times); its births are requested automatically.',
  ),
  'LS-DEVICE-007': entry(
    409,
    'Device is not configured to report what is read',
    'Make the setting that the message names at the device, or let the gateway write it: in monitor it writes nothing.',
  ),
  'LS-LOG-001': entry(
    404,
    'No log is kept here',
    'Run the gateway as the service loadstone-edge, with rights to read the journal of systemd, or look where its output goes.',
  ),
  'LS-LOG-002': entry(500, 'The file for support cannot be written', 'Name an existing folder that can be written.'),
  'LS-BACKUP-001': entry(409, 'Backup is not usable', 'Make a new backup, or use another copy.'),
  'LS-BACKUP-002': entry(
    409,
    'Restore would replace something',
    'Stop what runs there, and check what the message names before you replace it.',
  ),
  'LS-BACKUP-003': entry(
    403,
    'Passphrase does not open the backup',
    'Give the passphrase that this backup was made with; nothing was restored.',
  ),
  'LS-BACKUP-004': entry(
    500,
    'Tool of InfluxDB is missing or failed',
    'Install the tool that the message names, of the version of the server, or back the server up on its own.',
  ),
  'LS-BACKUP-005': entry(
    507,
    'Backup could not be made',
    'Free space or correct what the message names, remove the unfinished folder, and make the backup again.',
  ),
  'LS-BACKUP-006': entry(
    409,
    'Backup cannot know who was revoked since',
    'Name them with --revoked; see the log or the audit list of the lost cloud, or ask whoever manages the gateways.',
  ),
  'LS-GATEWAY-001': entry(
    503,
    'Gateway is lost',
    'It continues on its own. Check its uplink and power. Its devices raise no alarms of their own.',
  ),
  'LS-GATEWAY-002': entry(
    503,
    'Gateway misses its cycles',
    'Stop other programs on its computer, or use a faster one. All that it does late has this one cause.',
  ),
  'LS-FEEDER-001': entry(
    409,
    'Feeder is dark',
    'Look at the breaker of its head and at what its protection says; its devices start by themselves when the voltage is back.',
  ),
  'LS-PREDICT-001': entry(
    409,
    'Forecast is beyond a limit',
    'Have relief ready for the named hour; the next plan uses it.',
  ),
  'LS-PREDICT-002': entry(
    409,
    'Plan is beyond a limit ahead',
    'Free capacity before the named hour; the plan shows the conflict.',
  ),
  'LS-METER-005': entry(
    409,
    'Switch state does not match the meters',
    'Check the switches that the message names and correct the network; the estimate uses the state that fits.',
  ),
  'LS-API-001': entry(400, 'Request is malformed', 'See the pointer in errors.'),
  'LS-API-002': entry(
    401,
    'Signing in is needed',
    'Sign in on the page, or send Authorization: Bearer <token>; users make their own API tokens.',
  ),
  'LS-API-003': entry(403, 'Not allowed', 'Ask an admin for the right that the detail names.'),
  'LS-API-004': entry(404, 'Not found', 'Check the id; the list route shows what exists.'),
  'LS-API-005': entry(409, 'Conflict', 'See the detail.'),
  'LS-API-006': entry(413, 'Request is too large', 'Send less in one request.'),
  'LS-API-007': entry(422, 'Understood but not possible', 'See the pointer in errors.'),
  'LS-API-008': entry(429, 'Too many requests', 'Wait for the time in Retry-After.'),
  'LS-API-009': entry(503, 'Not ready yet', 'Ask again in a moment.'),
  'LS-API-010': entry(
    500,
    'Internal error',
    'Report it with the time and the requested address; your request was not at fault.',
  ),
  'LS-API-011': entry(406, 'Format is not offered', 'Use a format that the detail names.'),
  'LS-API-012': entry(
    422,
    'Idempotency key was used for another request',
    'Use a new key for each request, and the same key only to repeat it.',
  ),
  'LS-API-013': entry(
    422,
    'Password is too easy to guess',
    'Choose four or more words that do not belong together, or let a password manager make one.',
  ),
  'LS-API-014': entry(
    422,
    'Roles exclude each other',
    'Give the roles to two persons: an admin neither operates devices nor audits who did what.',
  ),
  'LS-API-015': entry(
    409,
    'A passkey is needed',
    'Use one of your passkeys on the page. If you have lost them all, ask whoever manages the machine to run: loadstone cloud people forget-passkeys NAME.',
  ),
  'LS-API-016': entry(422, 'Passkey is not valid', 'Try again from the page; see the detail.'),
  'LS-API-017': entry(
    504,
    'Outcome is not known',
    'Check whether it was done before you repeat it: the answer was lost, and the act may or may not have been done.',
  ),
  'LS-API-018': entry(
    507,
    'Room for uploads is used up',
    'Delete uploaded measurements that nobody needs any more (DELETE /v1/measurements), the oldest first, and send it again.',
  ),
  'LS-API-019': entry(
    423,
    'Session is locked',
    'Sign in again on the page. A stop, a manual mode and the release of an override still work.',
  ),
  'LS-PLAYBACK-001': entry(
    404,
    'Nothing is stored of that moment',
    'Choose another moment: measurements are kept for as long as the retention says, and none are made while a gateway is off.',
  ),
  'LS-DESK-001': entry(
    422,
    'Device does not take this setpoint',
    'Choose a value within the range that the detail names.',
  ),
  'LS-DESK-002': entry(409, 'State of the grid is not known', 'Wait for the next estimate; check the faulty meters.'),
  'LS-DESK-003': entry(
    409,
    'Link is down or stale',
    'Nothing is commanded without a link. The gateway continues on its own and can be operated on site.',
  ),
  'LS-DESK-004': entry(
    409,
    'Selection is not valid',
    'Select again: a selection is valid once, for 30 s, for its user, device and value.',
  ),
  'LS-DESK-005': entry(
    409,
    'A second person is needed',
    'Let another person with the right approve it within its time.',
  ),
  'LS-DESK-006': entry(
    409,
    'Somebody else holds this area',
    'Ask its holder to act or to hand it over, or take it over with a reason.',
  ),
  'LS-DESK-007': entry(
    409,
    'Gateway does not hold the selection',
    'See the detail: confirm once the gateway has answered, or correct what it refuses and select again.',
  ),
  'LS-DESK-008': entry(
    500,
    'Act reached only some gateways',
    'The detail names the gateways that have it and those that do not. Ask for it again at the latter, or operate them on site.',
  ),
  'LS-SHIFT-001': entry(
    409,
    'A shift is taken over by somebody else',
    'Let the person of the next shift sign in and take over. If you signed off but stay, sign off again later.',
  ),
  'LS-SHIFT-002': entry(409, 'Hand-over is no longer waiting', 'Reload the shift: the newest hand-over counts.'),
  'LS-NOTIFY-001': entry(
    502,
    'Mail server does not accept the mail',
    'See its answer in the detail; correct notify.mail. Mails wait and are retried.',
  ),
  'LS-NOTIFY-002': entry(409, 'No mail server is configured', 'Set notify.mail in the configuration of the cloud.'),
  'LS-NOTIFY-003': entry(
    502,
    'Receiver does not accept the webhook',
    'See its answer in the detail; correct notify.webhooks or the receiver. Messages wait and are retried.',
  ),
  'LS-JOB-001': entry(422, 'Job cannot be done', 'See the detail; ask for less, or report it.'),
  'LS-NODE-001': entry(
    503,
    'Cloud no longer waits for a job node',
    'The cloud is stopping; it asks again after its next start, and the plan in force continues.',
  ),
  'LS-NODE-002': entry(
    500,
    'No job node completes a task',
    'It was returned four times: see in the logs of the nodes whether they crashed or lost the broker. The task stays in the queue loadstone.tasks.dead for two weeks.',
  ),
  'LS-NODE-003': entry(
    500,
    'A task does not end',
    'The job node exits and its service manager restarts it; another node tries the task. Report it.',
  ),
  'LS-NODE-004': entry(
    503,
    'No job node makes plans',
    'Start a job node of the same version, or give the cloud the role job; plans in force continue meanwhile.',
  ),
  'LS-NODE-005': entry(
    500,
    'Work was given up',
    'The page System lists it: see the logs of the nodes for the cause, then try it again or discard it.',
  ),
  'LS-AUDIT-001': entry(
    422,
    'Audit list was changed',
    'Keep the file as it is and find out who could write to it; entries before the named line are intact.',
  ),
  'LS-AUDIT-002': entry(
    507,
    'Stops only in memory',
    'Free disk space or bring the database back before you restart the cloud; the stops are then stored within seconds.',
  ),
  'LS-SIM-001': entry(
    409,
    'There is no simulation here',
    'This route works only where the cloud runs beside the simulated plant.',
  ),
  'LS-DATA-001': entry(
    409,
    'Data folder is in use',
    'Stop the process that the message names, or give this one a folder of its own: two that write one folder corrupt it.',
  ),
  'LS-DATA-002': entry(
    500,
    'Data folder cannot be locked',
    'Use a folder that this user can write, on a file system with locks.',
  ),
  'LS-DATA-003': entry(
    500,
    'File of an older version cannot be migrated',
    'Follow the message, then start again: neither the file nor migrated data has changed.',
  ),
  'LS-DATA-004': entry(
    409,
    'Restore was not finished',
    'Remove the folder that the message names and what was put beside it, and restore again.',
  ),
  'LS-DATA-005': entry(
    409,
    'Data folder is of a newer version',
    'Install that version again, or restore a backup that was made before the upgrade; nothing was changed.',
  ),
  'LS-STATE-001': entry(
    503,
    'PostgreSQL cannot hold the state of this cloud',
    'Correct what the message names and start again; nothing was changed.',
  ),
  'LS-STATE-002': entry(
    409,
    'Data folder and database do not belong together',
    'Follow the message; nothing was changed.',
  ),
  'LS-STATE-003': entry(
    409,
    'Another process holds the database',
    'Stop it, or give this cloud a database of its own: two that write one state corrupt it.',
  ),
  'LS-STATE-004': entry(
    500,
    'State was not moved',
    'The data folder is as it was. Correct what the message names and migrate again: it continues where it stopped.',
  ),
  'LS-STATE-005': entry(
    409,
    'Database is not the one that this process took',
    'Restart the cloud: it continues from what the database has now, and gateways accept its documents as newer.',
  ),
  'LS-STANDBY-001': entry(
    503,
    'This cloud stands by',
    'Ask the cloud that the detail names; this one answers once it has taken over.',
  ),
  'LS-STANDBY-002': entry(
    409,
    'Cloud cannot stand by',
    'Correct what the message names and start again; nothing was changed.',
  ),
  'LS-STANDBY-003': entry(
    409,
    'Keys are those of another machine',
    'Run the command on the machine of the owner; the change reaches this machine by itself.',
  ),
  'LS-INSTALL-001': entry(
    500,
    'Debian package is missing',
    'Run the command at the end of the message, or connect the machine to a Debian mirror.',
  ),
  'LS-PKI-001': entry(
    401,
    'Certificate is refused',
    'The detail says why. Enrol the gateway with a new token, or let it renew with "loadstone pki renew GATEWAY".',
  ),
  'LS-PKI-002': entry(401, 'Enrolment token is not valid', 'Make a new one with "loadstone pki token GATEWAY".'),
  'LS-PKI-003': entry(
    409,
    'Certificate authority cannot do this',
    'Correct what the detail names; "loadstone pki --help" shows the commands.',
  ),
  'LS-PKI-004': entry(422, 'Certificate request is refused', 'Make the request with "loadstone edge enrol".'),
  'LS-PKI-005': entry(
    502,
    'The other side is not the cloud of the token',
    'Check the address, and whether somebody intercepts the connection. The token was not sent.',
  ),
  'LS-PKI-006': entry(409, 'Gateway has no usable identity', 'Enrol it with "loadstone edge enrol".'),
  'LS-PKI-007': entry(
    404,
    'Gateway is not known',
    'Use an id that the detail names, or add the gateway to the region first.',
  ),
  'LS-PKI-008': entry(
    409,
    'Certificate authority expires soon',
    'Make the next issuer with "loadstone pki roll issuer", or the next root with "loadstone pki roll root"; gateways follow as they renew.',
  ),
  'LS-KEY-001': entry(
    409,
    'Signing keys are not as they should be',
    'Correct what the detail names; "loadstone keys --help" shows the commands.',
  ),
  'LS-KEY-002': entry(
    409,
    'Trust of the gateway was not reset',
    'Correct what the detail names; nothing was changed. "loadstone edge --help" shows the command.',
  ),
  'LS-BROKER-001': entry(
    503,
    "RabbitMQ's management does not answer",
    'Revocations and new gateways wait until it does; check the broker and uplink.rabbitmq.',
  ),
  'LS-BROKER-002': entry(
    409,
    'A user of RabbitMQ has the name of a gateway',
    'Give the other user another name; the gateway can connect once its name is free.',
  ),
  'LS-BROKER-003': entry(
    503,
    'RabbitMQ does not give the cloud the access it needs',
    'Correct what the message names; "loadstone cloud check" looks again. Gateways keep their data meanwhile.',
  ),
  'LS-BROKER-004': entry(
    503,
    'RabbitMQ does not answer',
    'Gateways keep their data and continue on their own until it is back; check the broker and uplink.rabbitmq.',
  ),
  'LS-PORT-001': entry(500, 'Port is busy', 'Stop the process that the message names, or choose another port.'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
