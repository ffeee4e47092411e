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
const NETWORK_DEVICE = 'of a network device, which Loadstone is not';
const BY_APT =
  'apt itself refuses: deploy/apt-repository.soak.test.ts changes package, list, signature and key, and meets it';

/**
 * All requirements for a component of any kind at SL 2. An EDR also stands for the SAR and HDR of the same number. CR 2.3, 5.4 and 7.5 do
 * not apply to components, and CR 2.7 starts at SL 3.
 */
export const requirements: readonly Requirement[] = [
  {
    id: 'CCSC 1',
    title: 'Essential functions go on',
    how: 'the gateway holds its limits without the cloud, a model or a disk; Stop, manual and release ask for no second factor',
    untested: 'the scenarios and chaos runs show it; an attack that stops them is one of CR 7.1',
  },
  {
    id: 'CCSC 2',
    title: 'What stands in the place of a measure',
    how: 'the column “attacks” says it where no attack tests a requirement',
    untested: 'a matter of documents',
  },
  {
    id: 'CCSC 3',
    title: 'Least privilege',
    how: 'units without capabilities, users of their own, containers with a read-only root',
    untested: 'deploy/systemd and deploy/deploy.test.ts look at units and containers',
  },
  {
    id: 'CCSC 4',
    title: 'Development process',
    how: 'tests before code, this suite at each change, SECURITY.md for reports',
    untested: 'IEC 62443-4-1 judges it, and nobody has yet',
  },
  {
    id: 'CR 1.1',
    title: 'People are identified',
    how: 'accounts with scrypt, passkeys beside the password (one that was copied is told by its counter), OpenID Connect, tokens of their own',
  },
  {
    id: 'CR 1.1 RE 1',
    title: 'Each person is told from all others',
    how: 'an account for each; no shared one is made but the first admin',
  },
  {
    id: 'CR 1.2',
    title: 'Programs and devices are identified',
    how: 'certificates of gateways; users of the local broker',
  },
  {
    id: 'CR 1.3',
    title: 'Accounts are managed',
    how: 'admins make, change, lock and remove people; revocation of gateways',
  },
  {
    id: 'CR 1.4',
    title: 'Identifiers are managed',
    how: 'one id is name in the certificate, client id and Sparkplug node; a name of a person is given once',
    untested: 'a matter of administration; the forged identities of CR 1.2 show that no id stands for two',
  },
  {
    id: 'CR 1.5',
    title: 'Secrets are managed',
    how: 'one-time passwords and tokens, kept as hashes; they end with the password',
  },
  { id: 'NDR 1.6', title: 'Wireless access', how: NO_RADIO, untested: NO_RADIO },
  { id: 'NDR 1.6 RE 1', title: 'Each wireless user is told from all others', how: NO_RADIO, untested: NO_RADIO },
  {
    id: 'CR 1.7',
    title: 'Passwords are strong',
    how: 'twelve characters, not the old one, and nothing that is guessed easily: common words, patterns, the own name',
  },
  {
    id: 'CR 1.8',
    title: 'Certificates',
    how: 'an authority of its own, or roots of another; enrolment by a one-time token',
  },
  {
    id: 'CR 1.9',
    title: 'Public keys are strong',
    how: 'P-256 and Ed25519, 90 days, revocation, pinned keys for documents',
  },
  { id: 'CR 1.10', title: 'A failed sign-in tells nothing', how: 'one answer for a wrong name and a wrong password' },
  {
    id: 'CR 1.11',
    title: 'Failed sign-ins',
    how: 'a growing wait after the fifth, by name and address; a bound by name',
  },
  {
    id: 'CR 1.12',
    title: 'Notice before the sign-in',
    how: 'a text of the organisation (api.notice) above the sign-in, in the hands of whoever has the machine alone',
  },
  {
    id: 'NDR 1.13',
    title: 'Access over networks that are not trusted',
    how: 'uplinks over TLS with certificates; page and API over HTTPS or a named proxy',
    untested: 'of a network device; the doors themselves are tested under CR 1.2 and CR 4.3',
  },
  {
    id: 'CR 1.14',
    title: 'Symmetric keys are strong',
    how: 'none is used between parts: each role signs with a key of its own',
  },
  {
    id: 'CR 2.1',
    title: 'Rights are enforced',
    how: 'each route and topic says what it needs; roles with rights of their own; a second person',
  },
  {
    id: 'CR 2.1 RE 1',
    title: 'Rights of programs and devices too',
    how: 'a gateway has its own topics alone, a device its own at the local broker, a token its scopes',
  },
  {
    id: 'CR 2.1 RE 2',
    title: 'Rights by role',
    how: 'each right names the roles that have it; an admin gives roles, not rights',
  },
  { id: 'CR 2.2', title: 'Wireless use', how: NO_RADIO, untested: NO_RADIO },
  {
    id: 'EDR 2.4',
    title: 'Mobile code',
    how: 'no code comes over the line; models are data, from a list of operators, signed',
  },
  {
    id: 'EDR 2.4 RE 1',
    title: 'Mobile code is authentic',
    how: 'a model counts by its signed manifest alone, which names its hash',
  },
  {
    id: 'CR 2.5',
    title: 'Session lock',
    how: 'locked by hand, or after minutes without a key (api.lockAfterMin), until its holder signs in again: the cloud refuses its acts, it still shows what every role may read, and a stop, manual and a release go out; a session ends after a shift',
  },
  {
    id: 'CR 2.6',
    title: 'Remote sessions end',
    how: 'limits of time on handshakes, requests and silence; rights are looked at while a stream runs',
  },
  { id: 'CR 2.8', title: 'Auditable events', how: 'each act of a person is an entry of the list of who did what' },
  {
    id: 'CR 2.9',
    title: 'Room for the audit',
    how: 'archives beside the list; the journal keeps a reserve for events',
    untested:
      'cloud/audit/audit-archive.test.ts and edge/journal tests show it; no attacker fills it within its budget',
  },
  {
    id: 'CR 2.10',
    title: 'The audit cannot be written',
    how: 'an act whose entry finds no room is refused; a stop alone goes out, and its entry waits in memory, an alarm until it is written as late',
    untested: 'cloud/audit/audit.test.ts takes the disk away; an attack would have to fill the disk of this machine',
  },
  {
    id: 'CR 2.11',
    title: 'Timestamps',
    how: 'plant time in each document; marks do not depend on the clock; a clock that jumps is told',
  },
  {
    id: 'CR 2.11 RE 1',
    title: 'Clocks are in step',
    how: 'NTP of the operating system; edge check and the alarms name a clock that is not',
    untested: 'the clock is set by the operating system; that a wrong one moves no device is tested under CR 2.11',
  },
  {
    id: 'CR 2.12',
    title: 'Nobody can deny an act',
    how: 'the entry names who, on what, why and who approved, in a signed chain',
  },
  {
    id: 'EDR 2.13',
    title: 'Diagnostic interfaces',
    how: 'a Unix socket of the service’s user; no debug port',
    untested: 'the ports of the machine that a gateway runs on are the owner’s',
  },
  {
    id: 'CR 3.1',
    title: 'What travels is whole and from whom it says',
    how: 'TLS 1.3 with certificates, and signed documents above it',
  },
  {
    id: 'CR 3.1 RE 1',
    title: 'Who has sent it is known',
    how: 'client certificates, and a signature under each document',
  },
  {
    id: 'EDR 3.2',
    title: 'Malicious code',
    how: 'models are checked before they are loaded, and run in a child process with limits',
  },
  {
    id: 'HDR 3.2 RE 1',
    title: 'Version of the protection against malicious code',
    how: OPERATING_SYSTEM,
    untested: 'Loadstone brings no scanner; its own version stands in each birth',
    isFromMemory: true,
  },
  {
    id: 'CR 3.3',
    title: 'Security functions can be verified',
    how: 'loadstone attack, on an instance of its own or on a running cloud',
    untested: 'this suite is the verification',
  },
  {
    id: 'CR 3.4',
    title: 'Software is whole',
    how: 'packages from a repository that is signed; an archive with hashes; the pinned Node by the lockfile',
    untested: BY_APT,
  },
  {
    id: 'CR 3.4 RE 1',
    title: 'Software is from whom it says',
    how: 'apt takes packages of the key that signs the repository alone; the pinned Node by the hash in the lockfile, held against its archive before a release',
    untested: BY_APT,
    isFromMemory: true,
  },
  {
    id: 'CR 3.5',
    title: 'Input is validated',
    how: 'a schema for each message and request; numbers are finite; sizes are judged as they are announced',
  },
  { id: 'CR 3.6', title: 'Outputs are determined', how: 'a clamp behind every target; safe defaults without one' },
  {
    id: 'CR 3.7',
    title: 'Errors',
    how: 'a code and a remedy, never a stack; what cannot be read is counted and set aside',
  },
  {
    id: 'CR 3.8',
    title: 'Sessions are whole',
    how: 'epoch and sequence, nonces of births, cookies with a token of the page',
  },
  {
    id: 'CR 3.9',
    title: 'The audit is protected',
    how: 'a hash chain with signatures and a signed end; files of mode 0600',
  },
  {
    id: 'EDR 3.10',
    title: 'Updates',
    how: 'packages of the operating system; a version before reads and writes the same data',
    untested: 'install, upgrade and purge have tests of their own; who has signed an update is EDR 3.10 RE 1',
  },
  {
    id: 'EDR 3.10 RE 1',
    title: 'Updates are whole and authentic',
    how: 'apt, from the signed repository',
    untested: BY_APT,
  },
  {
    id: 'EDR 3.11',
    title: 'Tampering with the device',
    how: OPERATING_SYSTEM,
    untested: 'the cabinet and the hardware are the owner’s',
  },
  {
    id: 'EDR 3.12',
    title: 'Roots of trust of the supplier',
    how: 'the root of the keys is the owner’s; no key of ours is on a gateway',
  },
  {
    id: 'EDR 3.13',
    title: 'Roots of trust of the owner',
    how: 'the enrolment token names the root; keys for documents come with the first certificate; a root hands over to the next, and root of the machine resets it',
  },
  {
    id: 'EDR 3.14',
    title: 'The boot is whole',
    how: OPERATING_SYSTEM,
    untested: 'secure boot is the machine’s; Loadstone starts as a service above it',
  },
  {
    id: 'EDR 3.14 RE 1',
    title: 'The boot is authentic',
    how: OPERATING_SYSTEM,
    untested: 'secure boot is the machine’s',
  },
  {
    id: 'CR 4.1',
    title: 'What is secret stays so',
    how: 'TLS, rights for each topic and route, secrets in files of mode 0600',
  },
  {
    id: 'CR 4.2',
    title: 'What is left behind',
    how: 'answers are not kept by caches; a backup holds keys under a passphrase alone',
  },
  {
    id: 'CR 4.3',
    title: 'Cryptography',
    how: 'TLS 1.3 for gateways, 1.2 at least for all others; Ed25519, P-256, scrypt, AES-GCM',
  },
  {
    id: 'CR 5.1',
    title: 'Networks can be separated',
    how: 'one port for uplinks, one for page and API, one local broker; each listens where it is told',
    untested: 'the networks are the site’s; SECURITY.md says how to lay them out',
  },
  {
    id: 'NDR 5.2',
    title: 'Borders of zones',
    how: 'a gateway connects outwards alone',
    untested: NETWORK_DEVICE,
  },
  {
    id: 'NDR 5.2 RE 1',
    title: 'All is closed that is not opened',
    how: 'no port that the configuration does not name',
    untested: NETWORK_DEVICE,
  },
  {
    id: 'NDR 5.3',
    title: 'No messages between persons',
    how: 'there are none but notes to an act',
    untested: NETWORK_DEVICE,
  },
  {
    id: 'CR 6.1',
    title: 'The audit can be read',
    how: 'at the page, as a file, by a command; what is written there cannot pose as something else',
  },
  {
    id: 'CR 6.2',
    title: 'Continuous monitoring',
    how: '/health and /metrics of cloud and gateway, alarms for budgets and refusals',
    untested: 'the alarms of CR 7.1 are part of its attacks; nothing else here is an attack',
  },
  {
    id: 'CR 7.1',
    title: 'Denial of service',
    how: 'a budget of messages, bytes, runs and devices for each gateway; limits of time for everybody',
  },
  {
    id: 'CR 7.1 RE 1',
    title: 'It floods nobody else',
    how: 'a budget of bytes a month, births on request that are bounded, windows for what is sent again',
  },
  { id: 'CR 7.2', title: 'Resources', how: 'packets, bodies, queues and children have limits' },
  { id: 'CR 7.3', title: 'Backup', how: 'loadstone cloud backup and edge backup, each file with its hash' },
  {
    id: 'CR 7.3 RE 1',
    title: 'A backup is known to be whole',
    how: 'a manifest with the hash of each file; restore refuses what differs',
    untested: 'simulators/cli/cloud-backup.integration.test.ts damages a backup; who damages one only loses it',
  },
  { id: 'CR 7.4', title: 'Recovery', how: 'restore raises the epoch; nobody can lock the restored cloud out' },
  {
    id: 'CR 7.6',
    title: 'Settings of network and security',
    how: '--print-config, and a checked schema for each key',
    untested: 'a matter of documents and configuration tests',
  },
  {
    id: 'CR 7.7',
    title: 'Least functionality',
    how: 'no port that the configuration does not name; plain MQTT on loopback alone',
    untested:
      'a door that is not configured is not there to be attacked; cloud/ingest/tls.integration.test.ts shows it',
  },
  {
    id: 'CR 7.8',
    title: 'Inventory',
    how: 'software and version in each birth, /v1/gateways; a bill of materials in each package',
    untested: 'a report, not a defence; deploy/sbom.test.ts holds the bill of materials against CycloneDX',
  },
];
