/** What a case's files have against them: where, and what to do. */
export class TracerError extends Error {
  override readonly name = 'TracerError';
}

/** A field of a line of a file. Lines are counted from 1, the heading included. */
export function at(file: string, line: number, field: string, what: string, cause?: unknown): TracerError {
  return new TracerError(`${file}: line ${line}: ${field}: ${what}`, { cause });
}
