/**
 * The pager's journal. A disk that takes nothing must not keep a page from going out: lines then wait in memory, and are
 * written, each once, as soon as there is room.
 */
import { jsonText, log, Misconfigured, openLines, reasonOf, type LineFile } from '@kuramori/program';
import { PageLine } from '@kuramori/core';

export interface PagesFile extends Disposable {
  /** What stood there when it was opened. */
  readonly lines: readonly PageLine[];
  readonly append: (lines: readonly PageLine[]) => void;
  /** Tries again what waits. */
  readonly settle: () => void;
  /** Lines that are not on the disk. */
  readonly waiting: () => number;
  /** Lines by their numbers, both included, as they stand in the file. */
  readonly texts: (from: number, to: number) => readonly string[];
}

/** Throws Misconfigured where a line is damaged: nobody knows then what is still open. */
export function openPagesFile(file: string): PagesFile {
  let opened: LineFile | null = openLines(file);
  const lines = opened.lines.map((line, index) => readLine(file, line, index));
  const texts = [...opened.lines];
  let waiting: readonly PageLine[] = [];
  let said = '';

  function settle(): void {
    if (waiting.length === 0) return;
    try {
      opened ??= again();
      opened.append(...waiting);
      waiting = [];
      said = '';
    } catch (cause) {
      opened?.[Symbol.dispose]();
      opened = null;
      const why = reasonOf(cause);
      if (why !== said) log('pages are not on the disk, and wait for room', { file, why });
      said = why;
    }
  }

  /** Some of what was written last may stand there: a torn line is cut off, and what is whole is not written twice. */
  function again(): LineFile {
    const found = openLines(file);
    const last = found.lines.at(-1);
    const written = last === undefined ? 0 : readLine(file, last, found.lines.length - 1).n;
    waiting = waiting.filter(({ n }) => n > written);
    return found;
  }

  return {
    lines,
    append(added) {
      texts.push(...added.map((line) => jsonText(line)));
      waiting = [...waiting, ...added];
      settle();
    },
    settle,
    waiting: () => waiting.length,
    texts: (from, to) => texts.slice(from - 1, to),
    [Symbol.dispose]: () => opened?.[Symbol.dispose](),
  };
}

export function readLine(file: string, text: string, index: number): PageLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined; // the schema then says what was expected
  }
  const read = PageLine.safeParse(json);
  if (!read.success || read.data.n !== index + 1)
    throw new Misconfigured(
      `${file}: line ${index + 1} is damaged: restore the file from its backup, or put it aside and see to every page by hand`,
    );
  return read.data;
}
