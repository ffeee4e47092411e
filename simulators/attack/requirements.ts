/** A requirement of IEC 62443-4-2 for a component at SL 2, or an enhancement (RE), in our own short words. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  /** How it is met, or what replaces it. */
  readonly how: string;
  /** Why no attack tests it. Only set if none does. */
  readonly untested?: string;
  /** No public text was found that lists it at SL 2; this entry is from memory. */
  readonly isFromMemory?: boolean;
}

const OPERATING_SYSTEM = 'left to the operating system and the site';
const NO_RADIO = 'Loadstone has no radio of its own';
const NETWORK_DEVICE = 'applies to network devices, and Loadstone is none';
const BY_APT = 'apt itself refuses: deploy/apt-repository.soak.test.ts tampers with package, list, signature and key';

/**
 * All requirements for a component of any kind at SL 2. An EDR also stands for the SAR and HDR of the same number. CR 2.3, 5.4 and 7.5 do
 * not apply to components, and CR 2.7 starts at SL 3.
 */
export const requirements: readonly Requirement[] = [
  {
    id: 'CCSC 1',
    title: 'Essential functions continue',
    how: 'the gateway holds its limits without the cloud, a model or a disk; stop, manual and release need no second factor',
    untested: 'the scenarios and chaos runs test it; an attack that stops them belongs to CR 7.1',
  },
  {
    id: 'CCSC 2',
    title: 'Substitutes for a measure',
    how: 'named in the column “attacks” where no attack tests a requirement',
    untested: 'a matter of documentation',
  },
  {
    id: 'CCSC 3',
    title: 'Least privilege',
    how: 'units without capabilities, dedicated users, containers with a read-only root',
    untested: 'deploy/systemd and deploy/deploy.test.ts check units and containers',
  },
  {
    id: 'CCSC 4',
    title: 'Development process',
    how: 'tests before code, this suite on each change, SECURITY.md for reports',
    untested: 'subject of IEC 62443-4-1; not assessed yet',
  },
  {
    id: 'CR 1.1',
    title: 'People are identified',
    how: 'accounts with scrypt, passkeys as a second factor (a copied one is detected by its counter), OpenID Connect, personal tokens',
  },
  {
    id: 'CR 1.1 RE 1',
    title: 'People are identified uniquely',
    how: 'one account per person; the only shared one is the first admin',
  },
  {
    id: 'CR 1.2',
    title: 'Programs and devices are identified',
    how: 'gateway certificates; users of the local broker',
  },
  {
    id: 'CR 1.3',
    title: 'Accounts are managed',
    how: 'admins create, change, lock and remove people; gateways can be revoked',
  },
  {
    id: 'CR 1.4',
    title: 'Identifiers are managed',
    how: 'one id is certificate name, client id and Sparkplug node; no two people have the same name',
    untested: 'a matter of administration; the forged identities of CR 1.2 show that ids are unique',
  },
  {
    id: 'CR 1.5',
    title: 'Secrets are managed',
    how: 'one-time passwords and tokens, stored as hashes; tokens end with the password',
  },
  { id: 'NDR 1.6', title: 'Wireless access', how: NO_RADIO, untested: NO_RADIO },
  { id: 'NDR 1.6 RE 1', title: 'Wireless users are identified uniquely', how: NO_RADIO, untested: NO_RADIO },
  {
    id: 'CR 1.7',
    title: 'Passwords are strong',
    how: 'twelve characters, not the old password, and not easily guessed: no common words, patterns or own name',
  },
  {
    id: 'CR 1.8',
    title: 'Certificates',
    how: 'an own authority; enrolment by a one-time token',
  },
  {
    id: 'CR 1.9',
    title: 'Public keys are strong',
    how: 'P-256 and Ed25519, 90 days, revocation, pinned keys for documents',
  },
  {
    id: 'CR 1.10',
    title: 'A failed sign-in reveals nothing',
    how: 'the same answer for a wrong name and a wrong password',
  },
  {
    id: 'CR 1.11',
    title: 'Failed sign-ins',
    how: 'a growing delay after the fifth, by name and address; a limit by name',
  },
  {
    id: 'CR 1.12',
    title: 'Notice before sign-in',
    how: 'a text of the organisation (api.notice) above the sign-in; only who controls the machine can change it',
  },
  {
    id: 'NDR 1.13',
    title: 'Access over untrusted networks',
    how: 'uplinks over TLS with certificates; page and API over HTTPS or a configured proxy',
    untested: 'applies to network devices; the ports themselves are tested under CR 1.2 and CR 4.3',
  },
  {
    id: 'CR 1.14',
    title: 'Symmetric keys are strong',
    how: 'roles sign with keys of their own; only owner and api nodes share one, drawn by the owner (AES-256-GCM, 256 bits)',
  },
  {
    id: 'CR 2.1',
    title: 'Rights are enforced',
    how: 'each route and topic names the right it needs; separate roles; approval by a second person',
  },
  {
    id: 'CR 2.1 RE 1',
    title: 'Rights also apply to programs and devices',
    how: 'a gateway may use only its own topics, a device only its own at the local broker, a token only its scopes',
  },
  {
    id: 'CR 2.1 RE 2',
    title: 'Rights by role',
    how: 'each right names the roles that have it; an admin grants roles, not rights',
  },
  { id: 'CR 2.2', title: 'Wireless use', how: NO_RADIO, untested: NO_RADIO },
  {
    id: 'EDR 2.4',
    title: 'Mobile code',
    how: 'no code is transferred; models are signed data, limited to a list of operators',
  },
  {
    id: 'EDR 2.4 RE 1',
    title: 'Mobile code is authentic',
    how: 'a model is accepted only with a signed manifest that names its hash',
  },
  {
    id: 'CR 2.5',
    title: 'Session lock',
    how: 'locked manually, or after minutes without a key press (api.lockAfterMin), until its holder signs in again: the cloud refuses its acts except stop, manual and release, and still shows what every role may read; a session ends after a shift',
  },
  {
    id: 'CR 2.6',
    title: 'Remote sessions end',
    how: 'timeouts on handshakes, requests and silence; rights are rechecked while a stream runs',
  },
  { id: 'CR 2.8', title: 'Auditable events', how: 'each act of a person is an entry in the audit log' },
  {
    id: 'CR 2.9',
    title: 'Space for the audit log',
    how: 'older entries are archived; the journal reserves space for events',
    untested: 'tested by cloud/audit/audit-archive.test.ts and edge/journal; no attacker can fill it within its budget',
  },
  {
    id: 'CR 2.10',
    title: 'Audit log not writable',
    how: 'an act whose entry cannot be written is refused, except a stop: its entry waits in memory, raises an alarm, and is marked late when written',
    untested:
      'tested by cloud/audit/audit.test.ts without a disk; an attack would have to fill the disk of this machine',
  },
  {
    id: 'CR 2.11',
    title: 'Timestamps',
    how: 'plant time in each document; replay marks do not depend on the clock; clock jumps are reported',
  },
  {
    id: 'CR 2.11 RE 1',
    title: 'Clocks are synchronised',
    how: 'NTP of the operating system; edge check and alarms report an unsynchronised clock',
    untested: 'the operating system sets the clock; CR 2.11 tests that a wrong clock moves no device',
  },
  {
    id: 'CR 2.12',
    title: 'Acts cannot be denied',
    how: 'entries form a signed chain and name person, target, reason and approver',
  },
  {
    id: 'EDR 2.13',
    title: 'Diagnostic interfaces',
    how: 'a Unix socket owned by the service user; no debug port',
    untested: 'ports of the gateway hardware are the responsibility of its owner',
  },
  {
    id: 'CR 3.1',
    title: 'Integrity of messages',
    how: 'TLS 1.3 with certificates, and signed documents above it',
  },
  {
    id: 'CR 3.1 RE 1',
    title: 'Authenticity of messages',
    how: 'client certificates, and a signature on each document',
  },
  {
    id: 'EDR 3.2',
    title: 'Malicious code',
    how: 'models are checked before loading and run in a child process with limits',
  },
  {
    id: 'HDR 3.2 RE 1',
    title: 'Version of the protection against malicious code',
    how: OPERATING_SYSTEM,
    untested: 'Loadstone ships no scanner; each birth carries its own version',
    isFromMemory: true,
  },
  {
    id: 'CR 3.3',
    title: 'Security functions can be verified',
    how: 'loadstone attack, against an own instance or a running cloud',
    untested: 'this suite is the verification',
  },
  {
    id: 'CR 3.4',
    title: 'Software integrity',
    how: 'packages from a signed repository; an archive with hashes; Node pinned by the lockfile',
    untested: BY_APT,
  },
  {
    id: 'CR 3.4 RE 1',
    title: 'Software authenticity',
    how: 'apt accepts only packages signed by the key of the repository; Node is pinned by its hash in the lockfile and compared with its archive before a release',
    untested: BY_APT,
    isFromMemory: true,
  },
  {
    id: 'CR 3.5',
    title: 'Input is validated',
    how: 'a schema for each message and request; numbers are finite; announced sizes are checked',
  },
  { id: 'CR 3.6', title: 'Predictable outputs', how: 'every setpoint is clamped; safe defaults apply without one' },
  {
    id: 'CR 3.7',
    title: 'Errors',
    how: 'a code and a remedy, never a stack; unreadable input is counted and quarantined',
  },
  {
    id: 'CR 3.8',
    title: 'Integrity of sessions',
    how: 'epoch and sequence, birth nonces, cookies with a page token',
  },
  {
    id: 'CR 3.9',
    title: 'Protection of the audit log',
    how: 'a hash chain of signed entries with a signed end; files of mode 0600',
  },
  {
    id: 'EDR 3.10',
    title: 'Updates',
    how: 'packages of the operating system; the previous version reads and writes the same data',
    untested: 'install, upgrade and purge have their own tests; EDR 3.10 RE 1 covers the signature',
  },
  {
    id: 'EDR 3.10 RE 1',
    title: 'Updates are intact and authentic',
    how: 'apt, from the signed repository',
    untested: BY_APT,
  },
  {
    id: 'EDR 3.11',
    title: 'Tampering with the device',
    how: OPERATING_SYSTEM,
    untested: 'cabinet and hardware are the responsibility of the owner',
  },
  {
    id: 'EDR 3.12',
    title: 'Roots of trust of the supplier',
    how: 'the owner holds the root of the keys; no supplier key is on a gateway',
  },
  {
    id: 'EDR 3.13',
    title: 'Roots of trust of the owner',
    how: 'the enrolment token names the root; document keys come with the first certificate; a root hands over to its successor, and the machine administrator can reset it',
  },
  {
    id: 'EDR 3.14',
    title: 'Boot integrity',
    how: OPERATING_SYSTEM,
    untested: 'secure boot belongs to the machine; Loadstone starts as a service on top',
  },
  {
    id: 'EDR 3.14 RE 1',
    title: 'Boot authenticity',
    how: OPERATING_SYSTEM,
    untested: 'secure boot belongs to the machine',
  },
  {
    id: 'CR 4.1',
    title: 'Confidential data',
    how: 'TLS, rights for each topic and route, secrets in files of mode 0600',
  },
  {
    id: 'CR 4.2',
    title: 'Leftover information',
    how: 'caches do not store answers; a backup holds keys only encrypted under a passphrase',
  },
  {
    id: 'CR 4.3',
    title: 'Cryptography',
    how: 'TLS 1.3 for gateways, at least 1.2 for all others; Ed25519, P-256, scrypt, AES-GCM',
  },
  {
    id: 'CR 5.1',
    title: 'Separation of networks',
    how: 'one port for uplinks, one for page and API, one local broker; each listens on a configured address',
    untested: 'networks belong to the site; SECURITY.md describes their layout',
  },
  {
    id: 'NDR 5.2',
    title: 'Zone boundaries',
    how: 'a gateway only opens outbound connections',
    untested: NETWORK_DEVICE,
  },
  {
    id: 'NDR 5.2 RE 1',
    title: 'Deny by default',
    how: 'only ports that the configuration names are open',
    untested: NETWORK_DEVICE,
  },
  {
    id: 'NDR 5.3',
    title: 'No messages between persons',
    how: 'there are none except notes on an act',
    untested: NETWORK_DEVICE,
  },
  {
    id: 'CR 6.1',
    title: 'Access to the audit log',
    how: 'on the page, as a file, by a command; entries cannot impersonate other content',
  },
  {
    id: 'CR 6.2',
    title: 'Continuous monitoring',
    how: '/health and /metrics of cloud and gateway, alarms for budgets and refusals',
    untested: 'the attacks of CR 7.1 cover its alarms; nothing else here can be attacked',
  },
  {
    id: 'CR 7.1',
    title: 'Denial of service',
    how: 'budgets of messages, bytes, runs and devices per gateway; timeouts for every client',
  },
  {
    id: 'CR 7.1 RE 1',
    title: 'Limits on own communication load',
    how: 'a monthly byte budget, rate-limited births on request, windows for resending',
  },
  { id: 'CR 7.2', title: 'Resources', how: 'limits on packets, bodies, queues and child processes' },
  { id: 'CR 7.3', title: 'Backup', how: 'loadstone cloud backup and edge backup, each file with its hash' },
  {
    id: 'CR 7.3 RE 1',
    title: 'Backups are verified',
    how: 'a manifest with the hash of each file; restore refuses a file that differs',
    untested: 'simulators/cli/cloud-backup.integration.test.ts damages a backup; that only loses the backup',
  },
  { id: 'CR 7.4', title: 'Recovery', how: 'restore raises the epoch, so nobody can lock out the restored cloud' },
  {
    id: 'CR 7.6',
    title: 'Network and security settings',
    how: '--print-config, and a checked schema for each key',
    untested: 'a matter of documentation and configuration tests',
  },
  {
    id: 'CR 7.7',
    title: 'Least functionality',
    how: 'only ports that the configuration names are open; plain MQTT only on loopback',
    untested: 'a port that is not configured cannot be attacked; tested by cloud/ingest/tls.integration.test.ts',
  },
  {
    id: 'CR 7.8',
    title: 'Inventory',
    how: 'software and version in each birth, /v1/gateways; a bill of materials in each package',
    untested: 'a report, not a defence; deploy/sbom.test.ts checks the bill of materials against CycloneDX',
  },
];
