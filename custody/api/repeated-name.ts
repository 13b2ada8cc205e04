/** A name that stands twice in a JSON object: readers take the first or the last, so two of them could see two requests. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** The first such name as a path (`destination.memo`); undefined where there is none. Says nothing about text that is no JSON. */
export function repeatedName(json: string): string | undefined {
  const open: { readonly names: Set<string>; at: string }[] = [];
  let text = '';
  for (const [token] of json.matchAll(tokens)) {
    const here = open.at(-1);
    if (token === '{' || token === '[') open.push({ names: new Set(), at: '' });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':' && here) {
      // Read, since "amount" and "\u0061mount" are one name.
      here.at = nameOf(text);
      if (here.names.has(here.at)) return open.flatMap(({ at }) => (at === '' ? [] : at)).join('.');
      here.names.add(here.at);
    } else text = token;
  }
  return undefined;
}

function nameOf(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token; // no JSON: the schema says so
  }
}
