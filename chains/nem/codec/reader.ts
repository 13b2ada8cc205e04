export type ReadFlaw = 'truncated' | 'trailing-bytes' | 'lying-length';

/** The bytes do not read as their layout says. Only `explain` sees it, and turns it into a value. */
export class Unreadable<Why extends string> extends Error {
  readonly why: Why;
  readonly field: string;

  constructor(why: Why, field: string) {
    super(`${field}: ${why}`);
    this.why = why;
    this.field = field;
  }
}

/** Takes little-endian fields off the front; each names the field that it throws about. */
export interface Reader {
  u32(field: string): number;
  i32(field: string): number;
  u64(field: string): bigint;
  hex(field: string, length: number): string;
  /** One character a byte, whatever the bytes are. */
  latin1(field: string, length: number): string;
  /** A part with its length before it, read by `read` to its last byte. */
  sized<T>(field: string, read: (inner: Reader) => T): T;
  /** As `sized`, where the layout allows one length only. */
  exactly<T>(field: string, length: number, read: (inner: Reader) => T): T;
  /** The bytes that are left. */
  readonly left: number;
  end(field: string): void;
}

/** A reader of a whole message, or, `within` a sized part, of one whose length may lie. */
export function reader(bytes: Uint8Array, within = false): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (field: string, length: number): number => {
    if (length > bytes.length - at) throw new Unreadable(within ? 'lying-length' : 'truncated', field);
    at += length;
    return at - length;
  };
  const part = (field: string, length: number): Uint8Array => {
    const from = take(field, length);
    return bytes.subarray(from, from + length);
  };
  const open = <T>(field: string, length: number, read: (inner: Reader) => T): T => {
    const inner = reader(part(field, length), true);
    const value = read(inner);
    inner.end(field);
    return value;
  };
  const self: Reader = {
    u32: (field) => view.getUint32(take(field, 4), true),
    i32: (field) => view.getInt32(take(field, 4), true),
    u64: (field) => view.getBigUint64(take(field, 8), true),
    hex: (field, length) => part(field, length).toHex(),
    latin1: (field, length) => Array.from(part(field, length), (byte) => String.fromCharCode(byte)).join(''),
    sized: (field, read) => open(field, self.u32(field), read),
    exactly(field, length, read) {
      if (self.u32(field) !== length) throw new Unreadable('lying-length', field);
      return open(field, length, read);
    },
    get left() {
      return bytes.length - at;
    },
    end(field) {
      if (at !== bytes.length) throw new Unreadable(within ? 'lying-length' : 'trailing-bytes', field);
    },
  };
  return self;
}
