import { jsonText } from './json.ts';

let waiting = '';

/**
 * One line of JSON on standard error. Never a key, a passphrase or a signature. Lines of one turn of the event loop are
 * written together, and whatever is left when the process ends; a process that is killed loses that turn's, no more.
 */
export function log(event: string, fields: { readonly [key: string]: unknown } = {}): void {
  // Tests run rooms inside their own process, and have no use for their logs.
  if (process.env['KURAMORI_LOG'] === 'off') return;
  const line = { time: new Date().toISOString(), event, ...fields };
  if (waiting === '') setImmediate(flush);
  waiting += `${jsonText(line)}\n`;
}

/** Writes what waits: before a last word, which must stand last. */
export function flush(): void {
  if (waiting === '') return;
  const text = waiting;
  waiting = '';
  process.stderr.write(text);
}

process.on('exit', flush);
