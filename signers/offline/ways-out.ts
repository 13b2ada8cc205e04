/**
 * Ways out: everything by which a program on Node could reach a network, another program or files that are not its own. Each is
 * tried; what is not refused would be a way for a key. Builtins come by their names here, so that none is loaded but by who tries it.
 */

/** Whoever is let through by the permission model, and finds nobody there, was let through all the same. */
export type Outcome =
  | { readonly kind: 'refused' }
  /** This Node has no such thing. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'open'; readonly why: string };

export interface Way {
  readonly what: string;
  /** Throws, rejects or emits an error where it is refused. */
  readonly take: () => unknown;
}

interface Emitter {
  readonly on: (event: string, then: (given: unknown) => void) => unknown;
}

const builtin: typeof process.getBuiltinModule = (name: string) => process.getBuiltinModule(name) as never;
/** Where nobody listens, and none that fetch refuses by itself (Fetch, bad port). */
const port = 49_150;

class Absent extends Error {
  override readonly name = 'Absent';
}

function once(emitter: Emitter, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    emitter.on('error', reject);
    emitter.on(event, resolve);
  });
}

function sent(kind: 'udp4' | 'udp6', to: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = builtin('dgram').createSocket(kind);
    socket.on('error', reject);
    socket.send('x', port, to, (cause) => (cause ? reject(cause) : resolve(null)));
  });
}

/** A WebSocket tells nobody why it failed, but on undici's channel. */
function opened(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    builtin('diagnostics_channel').subscribe('undici:client:connectError', (told) => reject(told));
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    socket.addEventListener('open', resolve);
  });
}

/** `elsewhere`: a file and a folder that exist and are not this process's. */
export function waysOut(elsewhere: { readonly file: string; readonly folder: string }): readonly Way[] {
  const [net, tls, http, https, http2] = [
    builtin('net'),
    builtin('tls'),
    builtin('http'),
    builtin('https'),
    builtin('http2'),
  ];
  const [dns, programs, fs] = [builtin('dns'), builtin('child_process'), builtin('fs')];
  const socket = `${elsewhere.folder}/kuramori-selftest.sock`;
  return [
    { what: 'a TCP connection', take: () => once(net.connect(port, '127.0.0.1'), 'connect') },
    { what: 'a TCP connection by IPv6', take: () => once(net.connect(port, '::1'), 'connect') },
    { what: 'a TCP connection by name', take: () => once(net.connect(port, 'localhost'), 'connect') },
    { what: 'a TLS connection', take: () => once(tls.connect(port, '127.0.0.1'), 'secureConnect') },
    { what: 'a Unix socket', take: () => once(net.connect(socket), 'connect') },
    { what: 'an abstract Unix socket', take: () => once(net.connect('\0kuramori'), 'connect') },
    { what: 'listening on TCP', take: () => once(net.createServer().listen(0, '127.0.0.1'), 'listening') },
    { what: 'listening on a Unix socket', take: () => once(net.createServer().listen(socket), 'listening') },
    {
      what: 'listening on an abstract Unix socket',
      take: () => once(net.createServer().listen('\0kuramori-selftest'), 'listening'),
    },
    { what: 'an HTTP request', take: () => once(http.get(`http://127.0.0.1:${port}/`), 'response') },
    { what: 'an HTTPS request', take: () => once(https.get(`https://127.0.0.1:${port}/`), 'response') },
    { what: 'an HTTP/2 session', take: () => once(http2.connect(`http://127.0.0.1:${port}`), 'connect') },
    { what: 'fetch', take: () => fetch(`http://127.0.0.1:${port}/`) },
    { what: 'a WebSocket', take: opened },
    { what: 'a UDP datagram', take: () => sent('udp4', '127.0.0.1') },
    { what: 'a UDP datagram by IPv6', take: () => sent('udp6', '::1') },
    {
      what: 'listening on UDP',
      take: () => once(builtin('dgram').createSocket('udp4').bind(0, '127.0.0.1'), 'listening'),
    },
    { what: 'looking up a name', take: () => dns.promises.lookup('localhost') },
    { what: 'asking a name server', take: () => dns.promises.resolve4('kuramori.invalid') },
    { what: 'asking a name server of its own', take: askedOfOwn },
    { what: 'looking up an address', take: () => dns.promises.reverse('127.0.0.1') },
    { what: 'another program', take: () => once(programs.spawn('/bin/true'), 'spawn') },
    { what: 'a shell', take: () => programs.execSync('true') },
    {
      what: 'a thread',
      take: () => once(new (builtin('worker_threads').Worker)('1', { eval: true }), 'online'),
    },
    { what: 'a debugger', take: () => builtin('inspector').open(0, '127.0.0.1') },
    { what: 'native code by an addon', take: () => process.dlopen({ exports: {} }, elsewhere.file) },
    { what: 'native code by FFI', take: nativeByFfi },
    {
      what: 'a program of WebAssembly with files',
      take: () => new (builtin('wasi').WASI)({ version: 'preview1' }),
    },
    {
      what: 'a database in another’s file',
      take: () => databaseAt(`${elsewhere.folder}/kuramori-selftest.db`),
    },
    { what: 'V8’s own flags', take: () => builtin('v8').setFlagsFromString('--no-trace-turbo') },
    {
      what: 'a copy of the memory in a file',
      take: () => builtin('v8').writeHeapSnapshot(`${elsewhere.folder}/kuramori-selftest.heap`),
    },
    {
      what: 'a report in a file',
      take: () => process.report.writeReport(`${elsewhere.folder}/kuramori-selftest.json`),
    },
    { what: 'a debugger’s session', take: () => new (builtin('inspector').Session)().connect() },
    { what: 'another program in this one’s place', take: () => process.execve?.('/bin/true', ['true'], {}) },
    {
      what: 'Node’s inside',
      take: () => (process as unknown as { binding: (name: string) => unknown }).binding('fs'),
    },
    { what: 'reading another’s file', take: () => fs.readFileSync(elsewhere.file) },
    {
      what: 'writing elsewhere',
      take: () => fs.writeFileSync(`${elsewhere.folder}/kuramori-selftest`, '', { flag: 'wx' }),
    },
  ];
}

function askedOfOwn(): Promise<unknown> {
  const resolver = new (builtin('dns').promises.Resolver)();
  resolver.setServers([`127.0.0.1:${port}`]);
  return resolver.resolve4('kuramori.invalid');
}

function nativeByFfi(): unknown {
  // @types/node does not know it yet.
  const ffi = builtin('node:ffi') as { dlopen: (file: null, calls: object) => unknown } | undefined;
  if (!ffi) throw new Absent();
  return ffi.dlopen(null, {});
}

function databaseAt(file: string): unknown {
  const sqlite = builtin('node:sqlite');
  if (!sqlite) throw new Absent();
  return new sqlite.DatabaseSync(file);
}

const refusals: ReadonlySet<unknown> = new Set([
  'ERR_ACCESS_DENIED',
  'ERR_DLOPEN_DISABLED',
  'ERR_LOAD_SQLITE_EXTENSION',
]);
const patienceMs = 2_000;

/** One after another: what one throws from a later turn of the loop must not be taken for another's. */
export async function outcomeOf({ take }: Way): Promise<Outcome> {
  let thrown: (cause: unknown) => void = () => {};
  let late: NodeJS.Timeout | undefined;
  const uncaught = new Promise<never>((_, reject) => (thrown = reject));
  const silent = new Promise<string>((resolve) => (late = setTimeout(resolve, patienceMs, 'no answer')));
  process.on('uncaughtException', thrown);
  try {
    const went = await Promise.race([Promise.resolve().then(take), uncaught, silent]);
    return {
      kind: 'open',
      why: went === 'no answer' ? `nothing refused it within ${patienceMs} ms` : 'it went',
    };
  } catch (cause) {
    if (cause instanceof Absent) return { kind: 'absent' };
    const codes = codesIn(cause);
    if (codes.some((code) => refusals.has(code))) return { kind: 'refused' };
    return { kind: 'open', why: `it was let out, and ended in ${codes.join(', ') || String(cause)}` };
  } finally {
    process.off('uncaughtException', thrown);
    clearTimeout(late);
  }
}

/** All codes in an error, its causes and what it gathers; fetch and WebSocket wrap what they were told. */
function codesIn(cause: unknown, deep = 0): readonly unknown[] {
  if (typeof cause !== 'object' || cause === null || deep > 5) return [];
  const { code, cause: below, error, errors } = cause as Record<string, unknown>;
  const inside = [below, error, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return [...(typeof code === 'string' ? [code] : []), ...inside.flatMap((one) => codesIn(one, deep + 1))];
}
