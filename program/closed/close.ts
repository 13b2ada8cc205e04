/** No core dump leaves this process, and no other process of the same user reads or traces it. */
import { dlopen } from 'node:ffi';
import { log } from '../log.ts';
import { shutFlags } from './flags.ts';

// linux/prctl.h, asm-generic/resource.h
const [getDumpable, setDumpable, coreLimit] = [3, 4, 4];

/** Flags that write memory to a file or open it to a debugger. */
const telling =
  /^--(?:inspect|debug-port|report-(?:on|unc|sig)|heapsnapshot|heap-prof|cpu-prof|prof|abort-on|build-snapshot|allow-inspector)/;

/** Closes the memory of this process, or ends it with one line that says what to do. */
export function closeMemory(native: 'given up' | 'kept'): void {
  const why = close(native);
  if (why === null) return;
  process.stderr.write(`this process may hold a key, and does not start: ${why}\n`);
  process.exit(1);
}

/** Null where the memory is closed, else what must be done. */
function close(native: 'given up' | 'kept'): string | null {
  const flag = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)].find((one) =>
    telling.test(one),
  );
  if (flag !== undefined) return `${flag} would show its memory: start it without`;
  // Node opens its debugger at this signal unless somebody listens.
  process.on('SIGUSR1', () => log('no debugger here'));
  shutFlags();
  if (process.platform !== 'linux') {
    log('memory is not closed: core dumps and other processes can be kept out on Linux only');
    return null;
  }
  const permission = process.permission as Permission | undefined;
  if (permission && !permission.has('ffi'))
    return 'give --allow-ffi beside --permission: it closes its memory by it (prctl), and gives it up before anything else is loaded';
  const left = notClosed();
  if (native === 'kept') return left;
  permission?.drop('ffi');
  if (permission?.has('ffi') === true) return 'this Node does not give --allow-ffi up again';
  return left;
}

function notClosed(): string | null {
  const { prctl, setrlimit, getrlimit } = dlopen(null, {
    prctl: { arguments: ['int32', 'uint64', 'uint64', 'uint64', 'uint64'], return: 'int32' },
    setrlimit: { arguments: ['int32', 'buffer'], return: 'int32' },
    getrlimit: { arguments: ['int32', 'buffer'], return: 'int32' },
  }).functions;
  // Not only files: a pipe or a socket in core_pattern takes no notice of the limit, and of this it does (core(5)).
  prctl(setDumpable, 0n, 0n, 0n, 0n);
  if (prctl(getDumpable, 0n, 0n, 0n, 0n) !== 0) return 'prctl(PR_SET_DUMPABLE, 0) failed';
  // Two rlim_t: what holds, and how far it may be raised again.
  const limits = new Uint8Array(16);
  setrlimit(coreLimit, limits);
  limits.fill(0xff);
  getrlimit(coreLimit, limits);
  return limits.every((byte) => byte === 0)
    ? null
    : 'setrlimit(RLIMIT_CORE, 0) failed: start it under ulimit -c 0';
}

/** As in Node 26; @types/node does not know `drop` yet. */
interface Permission {
  readonly has: (scope: string) => boolean;
  readonly drop: (scope: string) => void;
}
