/** Wrap: text in lines that fit; Japanese breaks between letters, but no line begins with a mark that closes (JIS X 4051). */

const closing = /^[、。，．）」』】！？：；ー々)\].,:;!?’”]$/u;

export function wrapped(text: string, width: number, widthOf: (text: string) => number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text, width, widthOf)) {
    if (line !== '' && widthOf((line + piece).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    } else line += piece;
  }
  return [...lines, line.trimEnd()];
}

/** What is never broken: a word with the space behind it, a Japanese letter with the marks behind it; a word too long for any line is. */
function piecesOf(text: string, width: number, widthOf: (text: string) => number): readonly string[] {
  const pieces: string[] = [];
  for (const letter of text) {
    const last = pieces.at(-1);
    const joins =
      last !== undefined &&
      (closing.test(letter) ||
        letter === ' ' ||
        (isLatin(letter) && /[^ ]$/u.test(last) && isLatin(last.at(-1) ?? '')));
    if (joins && widthOf(last + letter) <= width) pieces[pieces.length - 1] = last + letter;
    else pieces.push(letter);
  }
  return pieces;
}

const isLatin = (letter: string) => letter < '\u2e80';
