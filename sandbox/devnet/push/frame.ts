/** STOMP 1.1 and 1.2: frames of a client read, frames for it written, as Spring's StompDecoder and StompEncoder do. */

export interface Frame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export type ReadFrame =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly rest: Buffer }
  /** No whole one yet; what is left to put before what comes next. */
  | { readonly kind: 'more'; readonly rest: Buffer }
  | { readonly kind: 'wrong'; readonly why: string };

const [lineFeed, carriageReturn, nul] = [0x0a, 0x0d, 0x00];
const commands = new Set([
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
]);

export function readFrame(bytes: Buffer): ReadFrame {
  // Ends of lines between frames are heartbeats.
  let at = 0;
  while (bytes[at] === lineFeed || bytes[at] === carriageReturn) at += 1;
  const rest = bytes.subarray(at);
  const head = headOf(rest);
  if (head === undefined) return { kind: 'more', rest };
  const [command = '', ...lines] = head.lines;
  if (!commands.has(command)) return { kind: 'wrong', why: `no command of a client: ${command}` };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1)
      return {
        kind: 'wrong',
        why: `Illegal header: '${line}'. A header must be of the form <name>:[<value>].`,
      };
    const plain = command === 'CONNECT' || command === 'STOMP';
    const name = plain ? line.slice(0, colon) : unescaped(line.slice(0, colon));
    const value = plain ? line.slice(colon + 1) : unescaped(line.slice(colon + 1));
    if (name === undefined || value === undefined)
      return { kind: 'wrong', why: `Illegal escape sequence in '${line}'` };
    // Of a header that is there twice the first counts.
    if (!headers.has(name)) headers.set(name, value);
  }
  return readBody(rest, head.length, command, headers);
}

function readBody(
  rest: Buffer,
  start: number,
  command: string,
  headers: ReadonlyMap<string, string>,
): ReadFrame {
  const said = headers.get('content-length');
  if (said !== undefined && !/^[0-9]{1,9}$/.test(said))
    return { kind: 'wrong', why: `content-length: must be a number of bytes: ${said}` };
  const end = said === undefined ? rest.indexOf(nul, start) : start + Number(said);
  if (end === -1 || end >= rest.length) return { kind: 'more', rest };
  if (rest[end] !== nul) return { kind: 'wrong', why: 'Frame must be terminated with a null octet' };
  if (end > start && command !== 'SEND') return { kind: 'wrong', why: `${command} shouldn't have a body` };
  return {
    kind: 'frame',
    frame: { command, headers, body: rest.subarray(start, end) },
    rest: rest.subarray(end + 1),
  };
}

/** The lines before the first empty one; undefined while it is not there. */
function headOf(bytes: Buffer): { readonly lines: readonly string[]; readonly length: number } | undefined {
  const lines: string[] = [];
  for (let from = 0; ;) {
    const end = bytes.indexOf(lineFeed, from);
    if (end === -1) return undefined;
    const line = bytes.subarray(from, bytes[end - 1] === carriageReturn && end > from ? end - 1 : end);
    from = end + 1;
    if (line.length === 0) return { lines, length: from };
    lines.push(line.toString('utf8'));
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', c: ':', '\\': '\\' };

function unescaped(text: string): string | undefined {
  const read = text.replaceAll(/\\([^]?)/g, (_, one: string) => escapes[one] ?? '\0');
  return read.includes('\0') ? undefined : read;
}

export function frameText(command: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${escaped(value)}\n`);
  return `${command}\n${lines.join('')}\n${body}\0`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\\n\r:]/g, (one) => `\\${{ '\n': 'n', '\r': 'r', ':': 'c' }[one] ?? one}`);
}
