import { broken, missing, nested, unreadable } from './failure.ts';

// SerializationContext: what is longer is silently cut, so that its signature no longer fits.
const maxBytes = 2048;
const maxCharacters = 128;
const absent = -1; // BinarySerializer.NULL_BYTES_SENTINEL_VALUE

const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads as NIS BinaryDeserializer does, with its failures; trailing bytes are nobody's concern there. */
export class BytesIn {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get #left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A signed 32-bit number. */
  int(label: string): number {
    if (this.#left === 0) throw missing(label);
    return this.#int();
  }

  /** A signed 64-bit number. */
  long(label: string): bigint {
    if (this.#left === 0) throw missing(label);
    const low = this.#int();
    return (BigInt(this.int(label)) << 32n) | BigInt(low >>> 0);
  }

  bytes(label: string, limit: number = maxBytes): Uint8Array {
    const found = this.optionalBytes(label, limit);
    if (found === undefined) throw missing(label);
    return found;
  }

  optionalBytes(label: string, limit: number = maxBytes): Uint8Array | undefined {
    return this.#uncheckedBytes(label)?.subarray(0, limit);
  }

  string(label: string, limit: number = maxCharacters): string {
    const found = this.optionalString(label, limit);
    if (found === undefined || found.trim() === '') throw missing(label);
    return found;
  }

  optionalString(label: string, limit: number = maxCharacters): string | undefined {
    const found = this.optionalBytes(label);
    return found === undefined ? undefined : text.decode(found).slice(0, limit);
  }

  object<T>(label: string, read: (bytes: BytesIn) => T): T {
    const found = this.optionalObject(label, read);
    if (found === undefined) throw missing(label);
    return found;
  }

  /** Nothing where the bytes end or the object has no length; all that fails inside becomes one failure here. */
  optionalObject<T>(label: string, read: (bytes: BytesIn) => T): T | undefined {
    return this.#left === 0 ? undefined : this.#element(label, read);
  }

  objects<T>(label: string, read: (bytes: BytesIn) => T): T[] {
    const count = this.int(label);
    if (count === absent) throw missing(label);
    const found: T[] = [];
    for (let at = 0; at < count; at += 1) {
      const element = this.#element(label, read);
      if (element === undefined) throw broken('null', 'java.lang.NullPointerException');
      found.push(element);
    }
    return found;
  }

  #element<T>(label: string, read: (bytes: BytesIn) => T): T | undefined {
    try {
      const bytes = this.#uncheckedBytes(label);
      if (bytes === undefined) throw broken('null', 'java.lang.NullPointerException');
      return bytes.length === 0 ? undefined : read(new BytesIn(bytes));
    } catch (cause) {
      throw nested(cause);
    }
  }

  #uncheckedBytes(label: string): Uint8Array | undefined {
    if (this.#left === 0) return undefined;
    const length = this.int(label);
    return length === absent ? undefined : this.#take(length);
  }

  #int(): number {
    if (this.#left < 4) throw unreadable('unexpected end of stream reached');
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4, true);
  }

  #take(length: number): Uint8Array {
    if (this.#left < length) throw unreadable('unexpected end of stream reached');
    if (length < 0) throw broken(`${length}`, 'java.lang.NegativeArraySizeException');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
