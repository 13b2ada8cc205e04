/** Visible: text of others, as a terminal may show it. */

/** C0 and C1 with DEL, which move a cursor, clear a screen or begin a line; what breaks lines elsewhere or turns the direction of writing. */
const acting = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** What would act on a terminal stands as its escape, as JSON writes it; lines (of CSV too) and tabs stay. */
export function visible(text: string): string {
  return text.replaceAll(acting, (one, at: number) => {
    const isEnd = one === '\n' || (one === '\r' && text[at + 1] === '\n');
    return isEnd || one === '\t' ? one : escaped(one);
  });
}

/** The same, and it is one line. */
export function visibleLine(text: string): string {
  return text.replaceAll(acting, escaped);
}

function escaped(one: string): string {
  return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
