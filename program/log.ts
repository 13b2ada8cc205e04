import { jsonText } from './json.ts';

/** One line of JSON on standard error. Never a key, a passphrase or a signature. */
export function log(event: string, fields: { readonly [key: string]: unknown } = {}): void {
  // Tests run rooms inside their own process, and have no use for their logs.
  if (process.env['KURAMORI_LOG'] === 'off') return;
  const line = { time: new Date().toISOString(), event, ...fields };
  process.stderr.write(`${jsonText(line)}\n`);
}
