import { isHex } from './hex.ts';

/** Collects little-endian fields; each throws on a value that its field can not hold. */
export interface Writer {
  u32(value: number): void;
  i32(value: number): void;
  u64(value: bigint): void;
  /** Lower-case hex of exactly `length` bytes, or of any number of them. */
  hex(value: string, length?: number): void;
  /** One byte a character. */
  ascii(text: string): void;
  /** What `write` writes, after its length as a u32. */
  sized(write: (inner: Writer) => void): void;
  bytes(): Uint8Array;
}

export function writer(): Writer {
  const collected: number[] = [];
  const number = (value: bigint, length: number): void => {
    for (let at = 0; at < length; at += 1) collected.push(Number((value >> BigInt(8 * at)) & 0xffn));
  };
  const self: Writer = {
    u32(value) {
      if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new Error(`u32: ${value}`);
      number(BigInt(value), 4);
    },
    i32(value) {
      if ((value | 0) !== value) throw new Error(`i32: ${value}`);
      number(BigInt.asUintN(32, BigInt(value)), 4);
    },
    u64(value) {
      if (BigInt.asUintN(64, value) !== value) throw new Error(`u64: ${value}`);
      number(value, 8);
    },
    hex(value, length) {
      if (!isHex(value, length)) throw new Error(`hex: not ${length ?? 'whole'} bytes of lower-case hex`);
      for (const byte of Uint8Array.fromHex(value)) collected.push(byte);
    },
    ascii(text) {
      for (const character of text) {
        const code = character.charCodeAt(0);
        if (character.length > 1 || code > 0x7f) throw new Error('ascii: not an ASCII character');
        collected.push(code);
      }
    },
    sized(write) {
      const inner = writer();
      write(inner);
      const bytes = inner.bytes();
      self.u32(bytes.length);
      for (const byte of bytes) collected.push(byte);
    },
    bytes: () => Uint8Array.from(collected),
  };
  return self;
}
