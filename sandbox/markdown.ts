/** A Markdown table that is straight in a terminal too. */
export function markdownTable(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  /** Columns of numbers. */
  right: ReadonlySet<number> = new Set(),
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const write = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) =>
      right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    right.has(column) ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2),
  );
  return [write(head), `|${rule.join('|')}|`, ...lines.map(write)].join('\n');
}
