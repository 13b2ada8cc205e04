const end = '\u001a'; // EOI
const maxDepth = 400;

/** Text that json-smart cannot read either. */
class Unreadable extends Error {}

/**
 * Reads JSON as NIS does: json-smart 2.5.2 in its permissive mode, which takes keys and texts without quotes or
 * in single ones, commas too many, and whatever follows the first value. Whole numbers become bigint, others
 * number, as Java tells Long from Double. Gives undefined where NIS gets null: for null itself, and for what
 * cannot be read (JSONValue.parse).
 */
export function readLeniently(text: string): unknown {
  try {
    return new Reader(text).first() ?? undefined;
  } catch (cause) {
    if (cause instanceof Unreadable) return undefined;
    throw cause;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  first(): unknown {
    return this.#value('');
  }

  #next(): string {
    return this.#text[this.#at] ?? end;
  }

  /** A value; without quotes it ends before any of the `stops`. */
  #value(stops: string): unknown {
    while (' \r\n\t'.includes(this.#next())) this.#at += 1;
    const next = this.#next();
    if (':}]'.includes(next) || (next === end && stops !== '')) throw new Unreadable();
    if (next === '{') return this.#deeper(() => this.#object());
    if (next === '[') return this.#deeper(() => this.#list());
    if (next === '"' || next === "'") return this.#quoted(next);
    return bareValue(this.#bare(stops));
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new Unreadable();
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): Readonly<Record<string, unknown>> {
    const fields: Record<string, unknown> = Object.create(null);
    for (;;) {
      this.#at += 1;
      while (' \r\n\t,'.includes(this.#next())) this.#at += 1;
      if (':][{'.includes(this.#next())) throw new Unreadable();
      if (this.#next() === '}') break;
      const quote = this.#next();
      const key = quote === '"' || quote === "'" ? this.#quoted(quote) : this.#bare(':');
      this.#skipSpace();
      if (this.#next() !== ':') throw new Unreadable();
      this.#at += 1;
      fields[key] = this.#value(',}');
      this.#skipSpace();
      if (this.#next() === '}') break;
      if (this.#next() !== ',') throw new Unreadable();
    }
    this.#at += 1;
    return fields;
  }

  #list(): readonly unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    for (;;) {
      while (' \r\n\t,'.includes(this.#next())) this.#at += 1;
      if (this.#next() === ']') break;
      items.push(this.#value(',]'));
    }
    this.#at += 1;
    return items;
  }

  #bare(stops: string): string {
    const start = this.#at;
    while (this.#next() !== end && !stops.includes(this.#next())) this.#at += 1;
    return this.#text.slice(start, this.#at).trim();
  }

  #quoted(quote: string): string {
    const closed = this.#text.indexOf(quote, this.#at + 1);
    if (closed === -1) throw new Unreadable();
    const plain = this.#text.slice(this.#at + 1, closed);
    if (plain.includes('\\')) return this.#escaped(quote);
    this.#at = closed + 1;
    return plain;
  }

  #escaped(quote: string): string {
    let text = '';
    for (;;) {
      this.#at += 1;
      const next = this.#next();
      if (next === end) throw new Unreadable();
      if (next === quote) break;
      if (next === '\\') {
        this.#at += 1;
        text += this.#escape();
      } else if (next > '\u001f' && next !== '\u007f') text += next;
    }
    this.#at += 1;
    return text;
  }

  #escape(): string {
    const short = { t: '\t', n: '\n', r: '\r', f: '\f', b: '\b', '\\': '\\', '/': '/', "'": "'", '"': '"' };
    const next = this.#next();
    const digits = next === 'u' ? 4 : next === 'x' ? 2 : 0;
    if (digits === 0) return short[next as keyof typeof short] ?? '';
    const hex = this.#text.slice(this.#at + 1, this.#at + 1 + digits);
    if (hex.length !== digits || /[^0-9a-fA-F]/.test(hex)) throw new Unreadable();
    this.#at += digits;
    return String.fromCharCode(parseInt(hex, 16));
  }

  #skipSpace(): void {
    while (this.#next() <= ' ' && this.#next() !== end) this.#at += 1;
  }
}

const constants = new Map<string, unknown>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
]);

function bareValue(text: string): unknown {
  if (constants.has(text)) return constants.get(text);
  if (text === '-') return 0n;
  if (/^-?[0-9]+$/.test(text)) return BigInt(text);
  return /^-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : text;
}
