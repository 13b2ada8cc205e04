/** A program that tries the way to native code as soon as it is loaded, and waits; for core-dump.test.ts. */
import { dlopen } from 'node:ffi';

export const found = nativeCode();
process.stderr.write(`native code: ${found}\n`);
setInterval(() => {}, 1_000);
process.stdout.write('ready\n');

function nativeCode(): string {
  try {
    dlopen(null, {});
    return 'open';
  } catch (cause) {
    return (cause as { code: string }).code;
  }
}
