/** A removed defence, and the attacks that must then succeed. */
export interface DefenceMutation {
  readonly without: string;
  readonly opens: readonly string[];
  /** Each `find` occurs once in its file. Several edits remove defences that back each other up. */
  readonly edits: readonly Edit[];
}

export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const UNVERIFIED: Edit = {
  file: 'shared/codec/signed-document.ts',
  find: 'const { payload } = await compactVerify(jws, await verificationKey(key), options);',
  replace: "const payload = new Uint8Array(Buffer.from(jws.split('.')[1]!, 'base64url'));",
};

const ONE_ADMIN: Edit = {
  file: 'cloud/access/second-admin.ts',
  find: 'if (by === undefined || !takesTwo) return undefined;',
  replace: 'if (takesTwo) return undefined;',
};

/** At least one for each group of the suite. */
export const mutations: readonly DefenceMutation[] = [
  {
    without: 'a gateway publishes only on its own topics',
    opens: ['forged-identity/data'],
    edits: [
      {
        file: 'cloud/ingest/broker.ts',
        find: 'if (this.#rights.get(client)?.mayPublish(topic) !== true) {',
        replace: 'if (!this.#rights.has(client)) {',
      },
    ],
  },
  {
    without: 'a will is checked like a message',
    opens: ['forged-identity/will'],
    edits: [
      {
        file: 'cloud/ingest/broker.ts',
        find: 'if (will !== undefined && !rights.mayPublish(will)) {',
        replace: "if (will === '') {",
      },
    ],
  },
  {
    // OpenSSL and the judge both check the dates.
    without: 'certificates are from this authority and unexpired',
    opens: ['certificates/expired', 'certificates/foreign', 'certificates/self-signed'],
    edits: [
      { file: 'cloud/pki/judge.ts', find: 'if (!socket.authorized) {', replace: 'if (socket.destroyed) {' },
      {
        file: 'cloud/pki/judge.ts',
        find: "if (named.until <= this.#now()) return { why: 'shows a certificate that has expired' };",
        replace: '',
      },
    ],
  },
  {
    without: 'a revocation bars earlier certificates',
    opens: ['certificates/revoked'],
    edits: [
      {
        file: 'cloud/pki/judge.ts',
        find: 'if (revokedAt !== undefined && issuedAt(dates) <= revokedAt)',
        replace: 'if (revokedAt !== undefined && issuedAt(dates) <= 0)',
      },
    ],
  },
  {
    without: 'certificates are accepted only over TLS 1.3',
    opens: ['certificates/tls-1.2'],
    edits: [
      {
        file: 'cloud/pki/judge.ts',
        find: "if (socket.getProtocol() !== 'TLSv1.3')",
        replace: "if (socket.getProtocol() === '')",
      },
    ],
  },
  {
    without: 'a replay mark of epoch and sequence',
    opens: ['replay/older-sequence', 'replay/clock-went-back'],
    edits: [
      {
        file: 'edge/uplink/documents.ts',
        find: 'if (last !== null && !isAbove(candidate, last)) {',
        replace: 'if (last !== null && last.jws === jws) {',
      },
    ],
  },
  {
    without: 'a document has an address',
    opens: ['replay/other-gateway'],
    edits: [
      {
        file: 'edge/uplink/documents.ts',
        find: 'if (document.gateway !== gateway)',
        replace: "if (document.gateway === '')",
      },
    ],
  },
  {
    without: 'signatures of documents are verified',
    opens: ['signature/setpoint', 'signature/cut', 'signature/key-id'],
    edits: [UNVERIFIED],
  },
  {
    // jose has its own list of algorithms too.
    without: 'documents accept only EdDSA',
    opens: ['tokens/document-none', 'tokens/document-hs256'],
    edits: [
      UNVERIFIED,
      {
        file: 'shared/codec/signed-document.ts',
        find: 'if (header.alg !== ALGORITHM) return',
        replace: "if (header.alg === '') return",
      },
    ],
  },
  {
    // The driver would refuse to send it too.
    without: 'setpoints are clamped to the ratings of their device',
    opens: ['numbers/ten-times'],
    edits: [
      {
        file: 'edge/safety/clamp.ts',
        find: 'const kw = within(Number.isFinite(ramped) ? ramped : spec.safeKw, range);',
        replace: 'const kw = wished;',
      },
      {
        file: 'edge/drivers/setpoint-writer.ts',
        find: 'value >= this.#span.min - slack && value <= this.#span.max + slack;',
        replace: 'slack > 0;',
      },
    ],
  },
  {
    without: 'a document has an acceptance deadline',
    opens: ['validity/late'],
    edits: [{ file: 'edge/uplink/documents.ts', find: 'if (now > acceptUntil)', replace: 'if (now < 0)' }],
  },
  {
    without: 'a document is not accepted long before it begins',
    opens: ['validity/early'],
    edits: [
      {
        file: 'edge/uplink/documents.ts',
        find: 'if (validFrom > now + EARLY_MS)',
        replace: 'if (now < 0)',
      },
    ],
  },
  {
    without: 'declared shapes of a model are bounded',
    opens: ['models/sparse', 'models/told-shape'],
    edits: [
      { file: 'shared/forecast/onnx-check.ts', find: 'if (number === 15) return SPARSE;', replace: '' },
      { file: 'shared/forecast/onnx-check.ts', find: 'elements > MOST_ELEMENTS ?', replace: 'elements < 0 ?' },
    ],
  },
  {
    without: 'the memory of a running model is watched',
    opens: ['models/memory-hungry'],
    edits: [
      {
        file: 'shared/inference/child-line.ts',
        find: 'if (this.#child.residentMb() <= mostMb) {',
        replace: 'if (mostMb > 0) {',
      },
    ],
  },
  {
    // No code serves files by path, so this edit adds some.
    without: 'no file is found by a requested path',
    opens: ['paths/dots'],
    edits: [
      {
        file: 'cloud/api/problem.ts',
        find: 'if ((await page?.(request, reply)) === true) return reply;',
        replace:
          "if (request.url.includes('..')) return reply.send((await import('node:fs')).readFileSync(request.url, 'utf8'));",
      },
    ],
  },
  {
    without: 'subscriptions are granted filter by filter',
    opens: ['mqtt-floods/everything', 'mqtt-floods/all-commands'],
    edits: [
      {
        file: 'cloud/ingest/broker.ts',
        find: 'if (this.#rights.get(client)?.maySubscribe(subscription.topic) === true)',
        replace: 'if (this.#rights.has(client))',
      },
    ],
  },
  {
    without: 'packets are judged by their announced length',
    opens: ['mqtt-floods/large-publish'],
    edits: [
      {
        file: 'cloud/ingest/broker.ts',
        find: 'const MAX_PACKET_BYTES = 1_048_576;',
        replace: 'const MAX_PACKET_BYTES = 100_000_000;',
      },
    ],
  },
  {
    without: 'messages of a gateway are never retained',
    opens: ['mqtt-floods/retained'],
    edits: [{ file: 'cloud/ingest/broker.ts', find: 'if (qos === 2 || retain)', replace: 'if (qos === 2 && retain)' }],
  },
  {
    without: 'a request times out',
    opens: ['http/slow-headers'],
    edits: [
      { file: 'cloud/api/http-limits.ts', find: 'headersMs: 10_000,', replace: 'headersMs: 290_000,' },
      { file: 'cloud/api/http-limits.ts', find: 'requestMs: 30_000,', replace: 'requestMs: 3_600_000,' },
      { file: 'cloud/api/http-limits.ts', find: 'silenceMs: 120_000,', replace: 'silenceMs: 3_600_000,' },
    ],
  },
  {
    without: 'a notice is shown before sign-in',
    opens: ['people/unwarned'],
    edits: [
      {
        file: 'cloud/api/routes/session.ts',
        find: "...(notice === '' || user !== undefined ? {} : { notice }),",
        replace: '',
      },
    ],
  },
  {
    without: 'a locked session cannot act',
    opens: ['browser/locked-desk'],
    edits: [
      {
        file: 'cloud/access/people-reader.ts',
        find: 'return activeAt === 0 || (lockAfterMs > 0',
        replace: 'return activeAt < 0 && (lockAfterMs > 0',
      },
    ],
  },
  {
    without: 'a session accepts changes only from its own page',
    opens: ['browser/csrf-token'],
    edits: [
      {
        file: 'cloud/api/callers/credentials.ts',
        find: "request.headers.origin === undefined || request.headers['x-csrf-token'] !== csrfOf(session)",
        replace: 'request.headers.origin === undefined',
      },
    ],
  },
  {
    without: 'a page of another origin changes nothing',
    opens: ['browser/csrf-origin'],
    edits: [{ file: 'cloud/api/access.ts', find: 'if (!isOurs) throw', replace: "if (origin === '') throw" }],
  },
  {
    without: 'the page cannot be framed',
    opens: ['browser/clickjacking'],
    edits: [{ file: 'cloud/api/access.ts', find: "'x-frame-options': 'DENY',", replace: '' }],
  },
  {
    without: 'the server answers only for its own hosts',
    opens: ['browser/rebinding'],
    edits: [
      {
        file: 'cloud/api/access.ts',
        find: 'if (!isPublic && !allowedHosts.includes(host)) {',
        replace: "if (host === '') {",
      },
    ],
  },
  {
    without: 'CSV cells are escaped',
    opens: ['injection/csv'],
    edits: [{ file: 'cloud/tables/csv.ts', find: 'value.replaceAll(FORMULA, "\'")', replace: 'value' }],
  },
  {
    // A changed entry also breaks the hash chain.
    without: 'audit entries are signed and chained',
    opens: ['audit/edited'],
    edits: [
      {
        file: 'cloud/audit/verify-audit.ts',
        find: "if (!this.#isSigned('entry', entry)) return",
        replace: 'if (n < 0) return',
      },
      { file: 'cloud/audit/verify-audit.ts', find: 'if (prev !== this.end.hash) return', replace: 'if (n < 0) return' },
    ],
  },
  {
    without: 'a signed end of the audit log',
    opens: ['audit/truncated'],
    edits: [
      {
        file: 'cloud/audit/verify-audit.ts',
        find: 'for (const text of checkpoints) {',
        replace: 'for (const text of checkpoints.slice(0, 0)) {',
      },
    ],
  },
  {
    without: 'a separate key for the audit log',
    opens: ['audit/signed-anew'],
    edits: [
      {
        file: 'cloud/audit/cli/audit.ts',
        find: 'return { keys: audit, current: audit[0]!.kid };',
        replace: 'return { keys: [...pinned.value.keys, ...audit] };',
      },
    ],
  },
  {
    without: 'one key per role',
    opens: ['stolen-key/online-signs-commands', 'stolen-key/audit-signs-commands', 'stolen-key/models-signs-commands'],
    edits: [
      {
        file: 'edge/uplink/key-ring.ts',
        find: '(this.#inForce.list?.roles[role] ?? [])',
        replace: 'Object.values(this.#inForce.list?.roles ?? { [role]: [] }).flat()',
      },
    ],
  },
  {
    without: 'only the root signs key lists',
    opens: ['stolen-key/lists-itself'],
    edits: [
      {
        file: 'edge/uplink/key-ring.ts',
        find: 'held === undefined ? await introduced(jws, this.#pins.keys) : await followKeyLists(jws, held.root);',
        replace:
          'await introduced(jws, this.#pins.keys).then((own) => (own.ok || held === undefined ? own : followKeyLists(jws, held.root)));',
      },
    ],
  },
  {
    without: 'a root is void after its hand-over',
    opens: ['stolen-key/root-of-before'],
    edits: [
      {
        file: 'edge/uplink/key-ring.ts',
        find: 'this.#inForce = { first, by, root, lines, list };',
        replace: 'this.#inForce = { first, by, root: first, lines, list };',
      },
    ],
  },
  {
    without: 'an unconfirmed acknowledgement only pauses resending',
    opens: ['heartbeat/acknowledgement'],
    edits: [
      {
        file: 'edge/uplink/uplink-core.ts',
        find: 'if (this.#gate.isPinned) this.#journal.pause(',
        replace: 'if (run < 0) this.#journal.pause(',
      },
    ],
  },
  {
    without: 'another person approves',
    opens: ['people/own-approval'],
    edits: [{ file: 'cloud/desk/acts.ts', find: 'if (before.user === user) throw', replace: "if (user === '') throw" }],
  },
  {
    without: 'only its owner confirms a selection',
    opens: ['people/select-of-another'],
    edits: [
      {
        file: 'cloud/desk/selections.ts',
        find: 'if (selected.user !== user) throw',
        replace: "if (user === '') throw",
      },
    ],
  },
  {
    without: 'creating people and resetting passwords takes two admins',
    opens: ['people/puppet'],
    edits: [ONE_ADMIN],
  },
  {
    // Raising rights also requires a second admin.
    without: 'roles exclude each other',
    opens: ['people/own-rights'],
    edits: [
      {
        file: 'cloud/access/roles.ts',
        find: 'APART.find((pair) => pair.every((role) => roles.includes(role)));',
        replace: 'APART.find((pair) => pair.every((role) => !roles.includes(role) && roles.length < 0));',
      },
      ONE_ADMIN,
    ],
  },
  {
    without: 'wrong passwords are counted per address',
    opens: ['people/locks-out'],
    edits: [
      {
        file: 'cloud/access/guesses.ts',
        find: '`address ${networkOf(address)}`',
        replace: "networkOf('address')",
      },
    ],
  },
  {
    without: 'easily guessed passwords are refused',
    opens: ['people/weak-password'],
    edits: [
      {
        file: 'cloud/access/password-strength.ts',
        find: 'if (score >= LEAST_SCORE) return undefined;',
        replace: 'if (score >= 0) return undefined;',
      },
    ],
  },
  {
    without: 'a passkey is required besides the password',
    opens: ['people/passkey-missing'],
    edits: [
      {
        file: 'cloud/access/people.ts',
        find: "if (proof === undefined) throw new LoadstoneError('LS-API-015', 'your",
        replace: "if (name === '') throw new LoadstoneError('LS-API-015', 'your",
      },
      {
        file: 'cloud/access/people.ts',
        find: 'await this.passkeys.prove(name, proof.response, proof.origin);',
        replace: 'if (proof !== undefined) await this.passkeys.prove(name, proof.response, proof.origin);',
      },
    ],
  },
  {
    without: 'the counter of a passkey only grows',
    opens: ['people/passkey-copied'],
    edits: [
      {
        file: 'cloud/access/passkeys.ts',
        find: 'counter: passkey.counter,',
        replace: 'counter: 0,',
      },
    ],
  },
  {
    without: 'removing a passkey takes the password',
    opens: ['people/passkey-removed'],
    edits: [
      {
        file: 'cloud/access/passkeys.ts',
        find: 'const user = await this.#withPassword(session, password);\n    if',
        replace: 'const user = this.#options.holder(session);\n    if',
      },
    ],
  },
  {
    without: 'heartbeats are signed',
    opens: ['heartbeat/other-key', 'heartbeat/other-gateway'],
    edits: [
      {
        file: 'shared/codec/signed-heartbeat.ts',
        find: "return (await verifyRaw(bytesOf(words), signature, keys)) ? 'signed' : 'refused';",
        replace: "return keys.length > 0 && signature !== '' ? 'signed' : 'refused';",
      },
    ],
  },
  {
    without: 'a pinned root requires signed heartbeats from the first one on',
    opens: ['heartbeat/never-heard'],
    edits: [
      {
        file: 'edge/uplink/heartbeat-gate.ts',
        find: 'return !this.#isLoaded || this.#isPinned || this.#options.hasRoot();',
        replace: 'return !this.#isLoaded || this.#isPinned;',
      },
    ],
  },
  {
    without: 'a heartbeat older than the newest does not count, and its lag counts as its age',
    opens: ['delayed-heartbeat/older'],
    edits: [
      {
        file: 'edge/uplink/heartbeat-gate.ts',
        find: 'this.#lagMs = Math.max(0, lag);',
        replace: 'this.#lagMs = 0;',
      },
      {
        file: 'edge/uplink/heartbeat-gate.ts',
        find: 'if (lag > FRESH_MS || time < this.#newest)',
        replace: 'if (lag > FRESH_MS)',
      },
    ],
  },
  {
    without: 'an epoch is at most 1,000 above the mark',
    opens: ['epoch/locks-out'],
    edits: [
      { file: 'edge/uplink/documents.ts', find: 'const EPOCH_LEAP = 1000;', replace: 'const EPOCH_LEAP = 2 ** 40;' },
    ],
  },
  {
    without: 'the number of a report is bounded',
    opens: ['epoch/reported'],
    edits: [
      {
        file: 'shared/contracts/ids.ts',
        find: 'Type.Integer({ minimum: 0, maximum: MAX_EPOCH })',
        replace: 'Type.Integer({ minimum: 0 })',
      },
    ],
  },
  {
    without: 'a user of the local broker writes only topics of its own devices',
    opens: ['devices/meter', 'devices/own-setpoint'],
    edits: [
      {
        file: 'edge/drivers/local-broker.ts',
        find: 'return this.#open() || this.#topicsOf(client).some(({ publish }) => isOneOf(publish, topic));',
        replace: 'return true;',
      },
    ],
  },
  {
    without: 'a user of the local broker reads only topics of its own devices',
    opens: ['devices/everything'],
    edits: [
      {
        file: 'edge/drivers/local-broker.ts',
        find: 'return this.#open() || this.#topicsOf(client).some(({ subscribe }) => subscribe.has(filter));',
        replace: 'return true;',
      },
    ],
  },
  {
    without: 'births on request are rate-limited',
    opens: ['rebirth-storm/500'],
    edits: [
      {
        file: 'edge/uplink/node-session.ts',
        find: 'const REBIRTH_EACH_MS = 1000;',
        replace: 'const REBIRTH_EACH_MS = 0;',
      },
    ],
  },
  {
    without: 'a handshake times out',
    opens: ['handshake/never-ends'],
    edits: [
      {
        file: 'cloud/ingest/tls-door.ts',
        find: 'const HANDSHAKE_MS = 10_000;',
        replace: 'const HANDSHAKE_MS = 3_600_000;',
      },
    ],
  },
  {
    without: 'a connection without CONNECT times out',
    opens: ['handshake/no-connect'],
    edits: [
      {
        file: 'cloud/ingest/broker.ts',
        find: 'const CONNECT_TIMEOUT_MS = 10_000;',
        replace: 'const CONNECT_TIMEOUT_MS = 3_600_000;',
      },
    ],
  },
  {
    without: 'an enrolment token works once',
    opens: ['enrolment/twice', 'enrolment/at-once'],
    edits: [
      {
        file: 'cloud/pki/tokens.ts',
        find: 'if (isRight) rmSync(pkiFiles(data).token(gateway));',
        replace: '',
      },
    ],
  },
  {
    without: 'token guesses are rate-limited',
    opens: ['enrolment/guessed'],
    edits: [
      {
        file: 'cloud/pki/enrol-server.ts',
        find: "if (!brake.mayTry(pair)) return bad('LS-API-008', `too many attempts",
        replace: "if (pair === '') return bad('LS-API-008', `too many attempts",
      },
    ],
  },
  {
    without: 'keys in a backup are encrypted under its passphrase',
    opens: ['backup/guessed'],
    edits: [
      {
        file: 'shared/backup/backup-key.ts',
        find: "scryptSync(passphrase.normalize('NFC'), salt",
        replace: "scryptSync('', salt",
      },
    ],
  },
  {
    // Both the signature and the mark identify the birth.
    without: 'a heartbeat must answer the newest birth',
    opens: ['delayed-heartbeat/of-before'],
    edits: [
      {
        file: 'shared/codec/signed-heartbeat.ts',
        find: "if (mark !== markOf(words.nonce)) return 'other-birth';",
        replace: "if (mark === '') return 'other-birth';",
      },
      {
        file: 'shared/codec/signed-heartbeat.ts',
        find: '[head, gateway, nonce, String(time),',
        replace: "[head, gateway, '', String(time),",
      },
    ],
  },
  {
    // Both the fetcher and the loader check the hash.
    without: 'the bytes of a model must match the hash of its manifest',
    opens: ['models/mixed'],
    edits: [
      {
        file: 'edge/fetch/model-fetch.ts',
        find: 'return (await sha256Of(bytes)) === manifest.sha256;',
        replace: 'return bytes.length === manifest.bytes;',
      },
      {
        file: 'shared/forecast/bundle-check.ts',
        find: 'if ((await sha256Of(bytes)) !== manifest.sha256)',
        replace: 'if (bytes.length === 0)',
      },
    ],
  },
];
