/**
 * V8's flags are a way past Node's permission flags: V8 writes traces, with the text of functions in them, to whatever path a flag
 * names. Once they are shut nobody sets one but forget.ts.
 */
import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';

/** As it was, for who imports it here. */
export const setFlags = v8.setFlagsFromString;

export function shutFlags(): void {
  v8.setFlagsFromString = () => {
    throw Object.assign(new Error('V8’s flags are shut in a process that holds a key'), {
      code: 'ERR_ACCESS_DENIED',
    });
  };
  syncBuiltinESMExports();
}
