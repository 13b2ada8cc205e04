/** Thrown: what people threw with dice or coins, from a file of theirs alone or as somebody types it. */
import { Misconfigured, readOwn, typed } from '@kuramori/program';
import { readThrown, type Thrown } from '../seed/entropy.ts';

const question =
  'Throw a die 99 times or more (or a coin 256 times), and type the faces in one line as they fall, 1 to 6 (or H and T). Nobody else may see them:';

/** Throws Misconfigured where it is anything else than faces. */
export async function thrownIn(from: string, say: (line: string) => void): Promise<Thrown> {
  const text = from === '-' ? Buffer.from((await typed(say, question)) ?? '') : readOwn(from);
  const read = readThrown(text);
  text.fill(0);
  if (read.kind === 'refused')
    throw new Misconfigured(`${from === '-' ? 'what was typed' : from}: ${read.why}`);
  return read;
}
