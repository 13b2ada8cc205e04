/** Print: a sheet as PDF. */
import type { Told } from '../slip39/flaw.ts';
import { openPdf, type Canvas, type Pdf } from './pdf.ts';
import type { Block, Fact, PaperSize, Sheet } from './sheet.ts';
import { wrapped } from './wrap.ts';

/** In points: 72 an inch, 25.4 mm. */
const sizes = { a4: { width: 595.28, height: 841.89 }, letter: { width: 612, height: 792 } } as const;
const millimetre = 72 / 25.4;
const margin = 14 * millimetre;
const body = 8.5;
const small = 7.5;

interface Desk {
  readonly pdf: Pdf;
  readonly width: number;
  readonly bottom: number;
  canvas: Canvas;
  /** How far down the page is full. */
  y: number;
  /** Turns the page where so much does not fit. */
  readonly room: (height: number) => void;
}

/** Whoever has used it wipes it. */
export function printed({ title, blocks }: Sheet, paper: PaperSize): Uint8Array {
  const size = sizes[paper];
  const pdf = openPdf(size);
  const head = `${title.en}  /  ${title.ja}`;
  const desk: Desk = {
    pdf,
    width: size.width - 2 * margin,
    bottom: size.height - margin,
    canvas: pdf.page(),
    y: margin + 15,
    room(height) {
      if (desk.y + height <= desk.bottom) return;
      desk.canvas = pdf.page();
      desk.canvas.text(margin, margin + 8, body, head);
      desk.y = margin + 22;
    },
  };
  desk.canvas.text(margin, desk.y, 14, head);
  desk.canvas.line(margin, desk.y + 6, margin + desk.width, desk.y + 6);
  desk.y += 18;
  for (const block of blocks) {
    draw(desk, block);
    desk.y += 8;
  }
  return pdf.bytes();
}

function draw(desk: Desk, block: Block): void {
  switch (block.kind) {
    case 'facts':
      return facts(desk, block.facts, margin, desk.width);
    case 'words':
      return words(desk, block.words);
    case 'code': {
      const side = block.side * millimetre;
      desk.room(side);
      const top = desk.y;
      desk.canvas.squares(margin, top, side, block.squares);
      facts(desk, block.facts, margin + side + 10, desk.width - side - 10);
      desk.y = Math.max(desk.y, top + side);
      return undefined;
    }
    case 'notes':
      return notes(desk, block.notes);
    case 'table':
      return table(desk, block);
    default:
      return block satisfies never;
  }
}

/** A name in both languages, and beside it what it says, or a line; below it, where it is long and the room is narrow. */
function facts(desk: Desk, all: readonly Fact[], x: number, width: number): void {
  const beside = Math.min(150, width * 0.52);
  for (const { name, value } of all) {
    const wide = (text: string) => desk.pdf.widthOf(text, body + 1);
    const below = wide(value) > width - beside && width < desk.width;
    const [at, down] = below ? [x, 12] : [x + beside, 0];
    const lines = wrapped(value, x + width - at, wide);
    const names = wrapped(`${name.ja} ${name.en}`, below ? width : beside - 6, (text) =>
      desk.pdf.widthOf(text, small),
    );
    const height = Math.max(lines.length * 12 + down, names.length * 10) + 3;
    desk.room(height);
    for (const [index, line] of names.entries()) desk.canvas.text(x, desk.y + 8 + index * 10, small, line);
    for (const [index, line] of lines.entries())
      desk.canvas.text(at, desk.y + 9 + down + index * 12, body + 1, line);
    if (value === '') desk.canvas.line(at, desk.y + height - 2, x + width, desk.y + height - 2);
    desk.y += height + (value === '' ? 6 : 0);
  }
}

const columns = 3;

function words(desk: Desk, all: readonly string[]): void {
  const [rows, step] = [Math.ceil(all.length / columns), 16.5];
  desk.room(rows * step);
  for (const [index, word] of all.entries()) {
    const x = margin + Math.floor(index / rows) * (desk.width / columns);
    const y = desk.y + ((index % rows) + 1) * step - 4;
    desk.canvas.text(x, y, small, `${index + 1}.`);
    desk.canvas.text(x + 22, y, 13, word);
  }
  desk.y += rows * step;
}

/** Japanese on the left, English beside it. */
function notes(desk: Desk, all: readonly Told[]): void {
  const width = desk.width / 2 - 8;
  const fit = (text: string) => wrapped(text, width - 8, (line) => desk.pdf.widthOf(line, small));
  for (const { ja, en } of all) {
    const sides = [fit(ja), fit(en)] as const;
    const height = Math.max(...sides.map((lines) => lines.length)) * 10 + 3;
    desk.room(height);
    for (const [column, lines] of sides.entries()) {
      const x = margin + column * (width + 16);
      desk.canvas.text(x, desk.y + 8, small, '•');
      for (const [index, line] of lines.entries())
        desk.canvas.text(x + 8, desk.y + 8 + index * 10, small, line);
    }
    desk.y += height;
  }
}

function table(desk: Desk, { head, shares, rows }: Extract<Block, { readonly kind: 'table' }>): void {
  const sum = shares.reduce((one, other) => one + other, 0);
  const widths = shares.map((share) => (share / sum) * desk.width);
  const lefts = widths.map((_, at) => margin + widths.slice(0, at).reduce((one, other) => one + other, 0));
  const row = (cells: readonly string[], size: number, least: number) => {
    const lines = cells.map((cell, at) =>
      wrapped(cell, (widths[at] ?? 0) - 6, (text) => desk.pdf.widthOf(text, size)),
    );
    const height = Math.max(least, Math.max(...lines.map(({ length }) => length)) * (size + 2.5) + 6);
    desk.room(height);
    for (const [at, cell] of lines.entries())
      for (const [index, line] of cell.entries())
        desk.canvas.text((lefts[at] ?? 0) + 3, desk.y + size + 2 + index * (size + 2.5), size, line);
    const [top, bottom] = [desk.y, desk.y + height];
    for (const y of [top, bottom]) desk.canvas.line(margin, y, margin + desk.width, y);
    for (const x of [...lefts, margin + desk.width]) desk.canvas.line(x, top, x, bottom);
    desk.y = bottom;
  };
  row(
    head.map(({ ja, en }) => `${ja} ${en}`),
    small,
    0,
  );
  for (const cells of rows) row(cells, body, 20);
}
