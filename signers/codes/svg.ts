/** SVG: squares as one path, a unit a square. `side`: how wide, in millimetres. */
import type { Squares } from './squares.ts';

export function svgOf(squares: Squares, side: number): string {
  const runs = squares.flatMap((row, y) =>
    row.flatMap((dark, x) => {
      if (!dark || row[x - 1] === true) return [];
      const end = row.indexOf(false, x);
      const length = (end < 0 ? row.length : end) - x;
      return [`M${x} ${y}h${length}v1h-${length}z`];
    }),
  );
  const box = `viewBox="0 0 ${squares.length} ${squares.length}" width="${side}mm" height="${side}mm"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} shape-rendering="crispEdges"><path d="${runs.join('')}"/></svg>`;
}
