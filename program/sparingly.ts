import { log } from './log.ts';

type Fields = { readonly [key: string]: unknown };

const minute = 60_000;
const mostLines = 10;

/** A log for what strangers can bring about: at most ten lines a minute, and the next one says how many were left out. */
export function sparingly(): (event: string, fields: Fields) => void {
  let begun = -Infinity;
  let lines = 0;
  let leftOut = 0;
  return (event, fields) => {
    const now = Date.now();
    if (now < begun || now - begun >= minute) [begun, lines] = [now, 0];
    lines += 1;
    if (lines > mostLines) leftOut += 1;
    else {
      log(event, leftOut === 0 ? fields : { ...fields, leftOut });
      leftOut = 0;
    }
  };
}
