/** Moving: frames one after another, as a page that any browser shows: a style sheet moves them, and there is no script and nothing from elsewhere. */
import { createHash } from 'node:crypto';
import type { Frames } from './frames.ts';
import { squaresOf } from './squares.ts';
import { svgOf } from './svg.ts';

/** Five frames a second: what cameras of laptops keep up with. */
const seconds = 0.2;

/** `count`: so many frames, over and over. */
export function movingPage(frames: Frames, count: number): string {
  const numbers = Array.from({ length: frames.fragments === 1 ? 1 : count }, (_, at) => at + 1);
  const codes = numbers.map((number) => svgOf(squaresOf(frames.text(number).toUpperCase(), 'low'), 140));
  const round = numbers.length * seconds;
  const style = `body{background:#fff;margin:8mm}
svg{position:absolute;opacity:0;animation:frame ${round.toFixed(1)}s step-end infinite}
@keyframes frame{0%{opacity:1}${(100 / numbers.length).toFixed(4)}%{opacity:0}}
${numbers.map((number) => `svg:nth-of-type(${number}){animation-delay:${((number - 1) * seconds).toFixed(1)}s}`).join('\n')}`;
  const still = numbers.length === 1 ? 'body{background:#fff;margin:8mm}' : style;
  const hash = createHash('sha256').update(still).digest('base64');
  return `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<title>${numbers.length === 1 ? 'one code' : `${frames.fragments} fragments, ${numbers.length} frames`}</title>
<style>${still}</style>
${codes.join('\n')}
`;
}
