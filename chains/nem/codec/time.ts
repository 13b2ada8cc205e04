/** NEM's time 0, 2015-03-29T00:06:25Z, in milliseconds since 1970. */
export const nemEpochMs = Date.UTC(2015, 2, 29, 0, 6, 25);

/** NEM seconds of a Unix time in milliseconds, rounded to the nearest as NIS SystemTimeProvider does. */
export function nemTimeOf(unixMs: number): number {
  return Math.floor((unixMs - nemEpochMs + 500) / 1000);
}

/** Unix time in milliseconds of NEM seconds. */
export function unixMsOf(nemTime: number): number {
  return nemEpochMs + nemTime * 1000;
}
