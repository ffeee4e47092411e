interface Named {
  readonly code: string;
  readonly device: string | null;
  readonly subject: string | null;
}

/** A gateway finds this per element and lever, so a device may have several at once. Its subject names them. */
const PER_SUBJECT = 'LS-CONTROL-011';

/** Identity of a condition at its source. Gateway and cloud give the same finding other subjects, so a device goes before its subject. */
export const conditionKey = ({ code, device, subject }: Named): string =>
  `${code} ${(code === PER_SUBJECT ? (subject ?? device) : (device ?? subject)) ?? ''}`;
