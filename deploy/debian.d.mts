export type DebianToolName =
  | 'aiosmtpd'
  | 'apt-ftparchive'
  | 'chromium'
  | 'img2webp'
  | 'influxd'
  | 'libatomic'
  | 'mosquitto'
  | 'mosquitto_pub'
  | 'nginx'
  | 'openssl'
  | 'opentelemetry-proto'
  | 'pandas'
  | 'postgres'
  | 'prometheus'
  | 'promtool'
  | 'pymodbus'
  | 'rabbitmq'
  | 'socat'
  | 'systemd-analyze'
  | 'systemd-notify'
  | 'tcc';
export function debianTool(name: DebianToolName): { readonly path: string; readonly env: NodeJS.ProcessEnv };
export function isHere(name: DebianToolName): boolean;
export function remedy(names: readonly DebianToolName[]): string;
