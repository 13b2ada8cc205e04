const encoder = new TextEncoder();

/** Writes as NIS BinarySerializer does: little endian, lengths before bytes, objects and arrays. */
export class BytesOut {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  int(value: number): this {
    this.#grow(4);
    this.#view.setInt32(this.#length, value | 0, true);
    this.#length += 4;
    return this;
  }

  long(value: bigint): this {
    this.#grow(8);
    this.#view.setBigInt64(this.#length, BigInt.asIntN(64, value), true);
    this.#length += 8;
    return this;
  }

  bytes(value: Uint8Array | null): this {
    if (value === null) return this.int(-1);
    this.int(value.length);
    this.#grow(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  hex(value: string): this {
    return this.bytes(Uint8Array.fromHex(value));
  }

  string(value: string | null): this {
    return this.bytes(value === null ? null : encoder.encode(value));
  }

  object(write: (bytes: BytesOut) => unknown): this {
    const inner = new BytesOut();
    write(inner);
    return this.bytes(inner.done());
  }

  /** An object that is not there is one without length. */
  noObject(): this {
    return this.int(0);
  }

  objects<T>(values: readonly T[], write: (bytes: BytesOut, value: T) => unknown): this {
    this.int(values.length);
    for (const value of values) this.object((bytes) => write(bytes, value));
    return this;
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + by));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
