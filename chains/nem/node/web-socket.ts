/**
 * A WebSocket (RFC 6455) of which nothing is kept but how each message begins: whoever sends without end fills no memory,
 * and is read no faster than we like. Node's own client keeps up to 128 MiB of one message before it says a word.
 */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';

export interface WebSocketLine {
  readonly send: (text: string) => void;
  /** Ends it without a word more; `closed` is not called. */
  readonly end: () => void;
}

export interface WebSocketListener {
  readonly opened: () => void;
  /** How a message begins, at most `keptBytes` of it. */
  readonly began: (start: string) => void;
  /** Once, with why: it was never opened, or it is over. */
  readonly closed: (why: string) => void;
}

export const mostBytes = 1024 * 1024;
const keptBytes = 64;
/** So long is waited between two readings of at most 64 KiB: a flood is held up where it comes from. Milliseconds. */
const readingMs = 10;
/** A ping is sent this often; who says nothing until the one after the next is gone. Milliseconds. */
const pingMs = 15_000;
const openingMs = 10_000;
/** RFC 6455 section 1.3. */
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** RFC 6455 section 5.2. */
const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function openWebSocket(at: string, { opened, began, closed }: WebSocketListener): WebSocketLine {
  const key = randomBytes(16).toString('base64');
  let socket: Line | null = null;
  let over = false;
  let heard = true;
  let missed = 0;
  let timer = setTimeout(() => fail(`is not open after ${openingMs / 1000} s`), openingMs).unref();
  let resting: NodeJS.Timeout | undefined;

  const asked = request(at.replace(/^ws:/, 'http:'), {
    agent: false,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': key,
      'sec-websocket-version': '13',
    },
  });
  asked.on('socket', (one) => one.unref());
  asked.on('error', (cause) => fail(cause.message));
  asked.on('response', (response) => {
    response.destroy();
    fail(`answered ${response.statusCode} and opened no WebSocket`);
  });
  asked.on('upgrade', (response, line, first) => {
    line.on('error', (cause) => fail(cause.message));
    line.on('close', () => fail('the connection was closed'));
    if (over) return void line.destroy();
    socket = line;
    const expected = createHash('sha1').update(`${key}${magic}`).digest('base64');
    if (response.headers['sec-websocket-accept'] !== expected)
      return fail('opened something that is no WebSocket');
    const frames = readFrames({
      began,
      asked: (payload) => write(opcodes.pong, payload),
      left: () => fail('closed the WebSocket'),
    });
    clearTimeout(timer);
    timer = setTimeout(ping, pingMs).unref();
    // Before a byte is read: what answers comes after what was said.
    opened();
    line.on('data', (chunk: Buffer) => {
      heard = true;
      const wrong = frames(chunk, () => over);
      if (wrong !== null) return fail(wrong);
      line.pause();
      resting = setTimeout(() => line.resume(), readingMs).unref();
    });
    if (first.length > 0) line.unshift(first);
  });
  asked.end();

  function ping(): void {
    missed = heard ? 0 : missed + 1;
    heard = false;
    if (missed > 1) return fail(`said nothing for ${(missed * pingMs) / 1000} s, not even to a ping`);
    write(opcodes.ping, Buffer.alloc(0));
    timer = setTimeout(ping, pingMs).unref();
  }

  /** What a client sends is masked (RFC 6455 section 5.3); nothing of ours is longer than 64 KiB. */
  function write(opcode: number, payload: Buffer): void {
    if (over || socket === null) return;
    const long = payload.length > 125;
    const header = Buffer.alloc(long ? 4 : 2);
    header[0] = 0x80 | opcode;
    header[1] = 0x80 | (long ? 126 : payload.length);
    if (long) header.writeUInt16BE(payload.length, 2);
    const mask = randomBytes(4);
    socket.write(Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]));
  }

  function end(): void {
    over = true;
    clearTimeout(timer);
    clearTimeout(resting);
    socket?.destroy();
    asked.destroy();
  }

  function fail(why: string): void {
    if (over) return;
    end();
    closed(why);
  }

  return { send: (text) => write(opcodes.text, Buffer.from(text)), end };
}

/** What is needed of a connection to speak on it. */
interface Line {
  readonly write: (bytes: Buffer) => unknown;
  readonly destroy: () => unknown;
}

interface Heard {
  readonly began: WebSocketListener['began'];
  /** A ping, with what it wants back. */
  readonly asked: (payload: Buffer) => void;
  readonly left: () => void;
}

/** Takes a server's bytes as they come; gives what is wrong with them, null while nothing is. */
function readFrames({ began, asked, left }: Heard): (chunk: Buffer, isOver: () => boolean) => string | null {
  let header: number[] = [];
  let frame: { readonly opcode: number; readonly last: boolean; remains: number } | null = null;
  /** The message that its frames make up; null between two messages. */
  let message: { bytes: number } | null = null;
  let kept: Buffer = Buffer.alloc(0);
  let control: Buffer = Buffer.alloc(0);

  function begin(): string | null {
    const [first = 0, second = 0] = header;
    const length = lengthIn(header);
    if (length === null) return null;
    header = [];
    const opcode = first & 0x0f;
    const last = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) return 'sent a frame of an extension that nobody asked for';
    if ((second & 0x80) !== 0) return 'sent a masked frame';
    if (opcode >= opcodes.close) {
      if (!last || length > 125 || opcode > opcodes.pong) return 'sent a control frame that is none';
      control = Buffer.alloc(0);
    } else {
      if (opcode > opcodes.binary) return 'sent a frame of an unknown kind';
      if ((opcode === opcodes.continuation) !== (message !== null)) return 'sent frames out of order';
      if (message === null) kept = Buffer.alloc(0);
      message ??= { bytes: 0 };
      message.bytes += length;
      if (message.bytes > mostBytes) return `sent a message of more than ${mostBytes} bytes`;
    }
    frame = { opcode, last, remains: length };
    return null;
  }

  function end({ opcode, last }: { readonly opcode: number; readonly last: boolean }): void {
    frame = null;
    if (opcode === opcodes.close) return left();
    if (opcode === opcodes.ping) return asked(control);
    if (opcode === opcodes.pong || !last) return;
    message = null;
    began(kept.toString('latin1'));
  }

  return (chunk, isOver) => {
    for (let at = 0; at < chunk.length && !isOver();) {
      if (frame === null) {
        header.push(chunk[at] ?? 0);
        at += 1;
        const wrong = begin();
        if (wrong !== null) return wrong;
      } else {
        const part = chunk.subarray(at, at + frame.remains);
        if (frame.opcode >= opcodes.close) control = Buffer.concat([control, part]);
        else if (kept.length < keptBytes)
          kept = Buffer.concat([kept, part.subarray(0, keptBytes - kept.length)]);
        frame.remains -= part.length;
        at += part.length;
      }
      if (frame?.remains === 0) end(frame);
    }
    return null;
  };
}

/** Of a payload, by the header so far; null where that is not whole. */
function lengthIn(header: readonly number[]): number | null {
  const [, second] = header;
  if (second === undefined) return null;
  const short = second & 0x7f;
  if (short < 126) return short;
  const more = header.slice(2);
  if (more.length < (short === 126 ? 2 : 8)) return null;
  return more.reduce((sum, byte) => sum * 256 + byte, 0);
}
